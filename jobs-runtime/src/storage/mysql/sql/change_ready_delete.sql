DELETE ready FROM (SELECT 0 AS suspect UNION ALL SELECT 1) AS sort
STRAIGHT_JOIN jobs_ready AS ready FORCE INDEX (PRIMARY)
    ON ready.suspect = sort.suspect AND ready.queue = ?1 AND ready.turn = 0 - ?2 AND ready.id = ?3
