-- The first of the highest priority, and the first of the lowest: a few probes a queue.
SELECT queue.name,
    (SELECT job.due_at FROM jobs_job AS job WHERE job.id = (
        SELECT ready.id FROM jobs_ready AS ready
        WHERE ready.queue = queue.id ORDER BY ready.priority DESC, ready.id LIMIT 1)),
    (SELECT job.due_at FROM jobs_job AS job WHERE job.id = (
        SELECT ready.id FROM jobs_ready AS ready
        WHERE ready.queue = queue.id AND ready.priority = (
            SELECT lowest.priority FROM jobs_ready AS lowest
            WHERE lowest.queue = queue.id ORDER BY lowest.priority LIMIT 1)
        ORDER BY ready.id
        LIMIT 1))
FROM jobs_queue AS queue
ORDER BY queue.id
