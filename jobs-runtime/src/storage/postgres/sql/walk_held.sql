-- Those that wait for a parent as well are listed there.
SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM {schema}.batch AS batch
CROSS JOIN LATERAL (
    SELECT * FROM {schema}.job AS member
    WHERE member.batch = $1 AND member.id > batch.moved AND member.id {<} $2 AND member.outcome IS NULL AND member.flow & 16 = 0
        AND NOT (member.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM {schema}.edge AS e WHERE e.child = member.id AND e.open = 1))
    ORDER BY member.id {DESC}
    LIMIT $3
) AS job
WHERE batch.id = $1
ORDER BY job.id {DESC}
