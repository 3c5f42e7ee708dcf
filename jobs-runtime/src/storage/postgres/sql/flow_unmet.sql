UPDATE {schema}.job AS job SET outcome = 6, finished_at = unmet.finished_at, reason = unmet.reason
FROM unnest($1, $2, $3) AS unmet (id, finished_at, reason)
WHERE job.id = unmet.id
