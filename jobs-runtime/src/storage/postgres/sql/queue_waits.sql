-- The first of the highest priority, and the first of the lowest: a few probes a queue.
SELECT queue.name,
    (SELECT job.due_at FROM {schema}.job AS job WHERE job.id = head.id),
    (SELECT job.due_at FROM {schema}.job AS job WHERE job.id = (
        SELECT ready.id FROM {schema}.ready AS ready
        WHERE ready.queue = queue.id AND ready.priority = (
            SELECT lowest.priority FROM {schema}.ready AS lowest
            WHERE lowest.queue = queue.id ORDER BY lowest.priority LIMIT 1)
        ORDER BY ready.id
        LIMIT 1))
FROM {schema}.queue AS queue
CROSS JOIN LATERAL (
    SELECT ready.id FROM {schema}.ready AS ready
    WHERE ready.queue = queue.id ORDER BY ready.priority DESC, ready.id LIMIT 1
) AS head
ORDER BY queue.id
