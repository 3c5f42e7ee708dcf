-- The lane that follows this one: ?1 the kind, ?2 the queue, ?3 the priority, ?4 the last kind.
SELECT lane.kind, lane.queue, 0 - lane.turn
FROM (
    (SELECT kind, queue, turn FROM jobs_parked FORCE INDEX (PRIMARY)
     WHERE kind = ?1 AND queue = ?2 AND turn {>} 0 - ?3 ORDER BY turn {ASC} LIMIT 1)
    UNION ALL
    (SELECT kind, queue, turn FROM jobs_parked FORCE INDEX (PRIMARY)
     WHERE kind = ?1 AND queue {>} ?2 ORDER BY queue {ASC}, turn {ASC} LIMIT 1)
    UNION ALL
    (SELECT kind, queue, turn FROM jobs_parked FORCE INDEX (PRIMARY)
     WHERE kind {>} ?1 AND kind {<}= ?4 ORDER BY kind {ASC}, queue {ASC}, turn {ASC} LIMIT 1)
) AS lane
ORDER BY lane.kind {ASC}, lane.queue {ASC}, lane.turn {ASC}
LIMIT 1
