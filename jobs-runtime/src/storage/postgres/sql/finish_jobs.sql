UPDATE {schema}.job AS job SET
    fence = ended.fence,
    outcome = ended.outcome,
    attempt = job.attempt + ended.charged,
    crashes = job.crashes + ended.crashed,
    started_at = coalesce(ended.started_at, job.started_at),
    finished_at = ended.finished_at,
    due_at = coalesce(ended.due_at, job.due_at),
    reason = coalesce(ended.reason, CASE WHEN ended.outcome = 4 THEN NULL ELSE job.reason END),
    output = ended.output,
    leaving = ended.leaving
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    AS ended (id, fence, outcome, charged, crashed, started_at, finished_at, due_at, reason, output, leaving)
WHERE job.id = ended.id
