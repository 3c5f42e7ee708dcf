SELECT error.id, kind.name, error.n, error.first_at, error.last_at, error.last_job, error.title, error.sample
FROM jobs_error AS error FORCE INDEX (kind)
STRAIGHT_JOIN jobs_kind AS kind ON kind.id = error.kind
WHERE error.kind = (SELECT id FROM jobs_kind WHERE name = ?4) AND error.last_at <= ?1 AND (error.last_at < ?1 OR error.id < ?2)
ORDER BY error.last_at DESC, error.id DESC
LIMIT ?3
