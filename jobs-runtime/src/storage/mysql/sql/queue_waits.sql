-- The first of the highest priority, and the first of the lowest: a few probes a queue. Suspects are looked at where there is nothing else.
SELECT queue.name,
    (SELECT job.due_at FROM jobs_job AS job WHERE job.id = COALESCE(
        (SELECT ready.id FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
         WHERE ready.suspect = 0 AND ready.queue = queue.id ORDER BY ready.turn, ready.id LIMIT 1),
        (SELECT ready.id FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
         WHERE ready.suspect = 1 AND ready.queue = queue.id ORDER BY ready.turn, ready.id LIMIT 1))),
    (SELECT job.due_at FROM jobs_job AS job WHERE job.id = (
        SELECT ready.id FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
        WHERE ready.suspect = 0 AND ready.queue = queue.id AND ready.turn = (
            SELECT lowest.turn FROM jobs_ready AS lowest FORCE INDEX (PRIMARY)
            WHERE lowest.suspect = 0 AND lowest.queue = queue.id ORDER BY lowest.turn DESC LIMIT 1)
        ORDER BY ready.id
        LIMIT 1))
FROM jobs_queue AS queue
ORDER BY queue.id
