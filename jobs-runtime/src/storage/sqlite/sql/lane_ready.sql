-- The lane that follows this one: ?1 the queue, ?2 the priority, ?3 the last queue.
SELECT queue, priority
FROM (
    SELECT * FROM (
        SELECT queue, priority FROM jobs_ready WHERE queue = ?1 AND priority {<} ?2 ORDER BY priority {DESC} LIMIT 1
    )
    UNION ALL
    SELECT * FROM (
        SELECT queue, priority FROM jobs_ready
        WHERE queue {>} ?1 AND queue {<}= ?3 ORDER BY queue {ASC}, priority {DESC} LIMIT 1
    )
)
ORDER BY queue {ASC}, priority {DESC}
LIMIT 1
