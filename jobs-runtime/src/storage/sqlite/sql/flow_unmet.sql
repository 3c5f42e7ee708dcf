WITH unmet (id, finished_at, reason) AS (VALUES {rows})
UPDATE jobs_job SET outcome = 6, finished_at = unmet.finished_at, reason = unmet.reason
FROM unmet WHERE jobs_job.id = unmet.id
