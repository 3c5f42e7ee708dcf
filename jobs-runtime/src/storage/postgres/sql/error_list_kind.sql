SELECT error.id, kind.name, error.n, error.first_at, error.last_at, error.last_job, error.title, error.sample
FROM {schema}.error AS error
JOIN {schema}.kind AS kind ON kind.id = error.kind
WHERE error.kind = (SELECT id FROM {schema}.kind WHERE name = $4) AND (error.last_at, error.id) < ($1, $2)
ORDER BY error.last_at DESC, error.id DESC
LIMIT $3
