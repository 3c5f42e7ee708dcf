WITH ended (id, fence, outcome, charged, crashed, started_at, finished_at, due_at, reason, output, leaving) AS (VALUES {rows})
UPDATE jobs_job SET
    fence = ended.fence,
    outcome = ended.outcome,
    attempt = attempt + ended.charged,
    crashes = crashes + ended.crashed,
    started_at = coalesce(ended.started_at, jobs_job.started_at),
    finished_at = ended.finished_at,
    due_at = coalesce(ended.due_at, jobs_job.due_at),
    reason = coalesce(ended.reason, CASE WHEN ended.outcome = 4 THEN NULL ELSE jobs_job.reason END),
    output = ended.output,
    leaving = ended.leaving
FROM ended WHERE jobs_job.id = ended.id
