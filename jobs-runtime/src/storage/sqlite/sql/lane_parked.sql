-- The lane that follows this one: ?1 the kind, ?2 the queue, ?3 the priority, ?4 the last kind.
SELECT kind, queue, priority
FROM (
    SELECT * FROM (
        SELECT kind, queue, priority FROM jobs_parked
        WHERE kind = ?1 AND queue = ?2 AND priority {<} ?3 ORDER BY priority {DESC} LIMIT 1
    )
    UNION ALL
    SELECT * FROM (
        SELECT kind, queue, priority FROM jobs_parked
        WHERE kind = ?1 AND queue {>} ?2 ORDER BY queue {ASC}, priority {DESC} LIMIT 1
    )
    UNION ALL
    SELECT * FROM (
        SELECT kind, queue, priority FROM jobs_parked
        WHERE kind {>} ?1 AND kind {<}= ?4 ORDER BY kind {ASC}, queue {ASC}, priority {DESC} LIMIT 1
    )
)
ORDER BY kind {ASC}, queue {ASC}, priority {DESC}
LIMIT 1
