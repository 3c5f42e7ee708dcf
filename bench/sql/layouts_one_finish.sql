UPDATE job SET state = 2, outcome = 4, finished_at = ?3
WHERE {key} IN (SELECT {listed} FROM json_each(?1)) AND state = 1 AND fence = ?2
