SELECT error.id, kind.name, error.n, error.first_at, error.last_at, error.last_job, error.title, error.sample
FROM jobs_error AS error
JOIN jobs_kind AS kind ON kind.id = error.kind
WHERE error.id = ?1
