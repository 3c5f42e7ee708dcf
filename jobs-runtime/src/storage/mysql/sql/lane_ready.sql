-- The lane that follows this one: ?1 the queue, ?2 the priority, ?3 the last queue.
SELECT lane.queue, 0 - lane.turn
FROM (
    (SELECT queue, turn FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 0 AND queue = ?1 AND turn {>} 0 - ?2 ORDER BY turn {ASC} LIMIT 1)
    UNION ALL
    (SELECT queue, turn FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 1 AND queue = ?1 AND turn {>} 0 - ?2 ORDER BY turn {ASC} LIMIT 1)
    UNION ALL
    (SELECT queue, turn FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 0 AND queue {>} ?1 AND queue {<}= ?3 ORDER BY queue {ASC}, turn {ASC} LIMIT 1)
    UNION ALL
    (SELECT queue, turn FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 1 AND queue {>} ?1 AND queue {<}= ?3 ORDER BY queue {ASC}, turn {ASC} LIMIT 1)
) AS lane
ORDER BY lane.queue {ASC}, lane.turn {ASC}
LIMIT 1
