UPDATE job SET outcome = 4, finished_at = ?3, attempt = attempt + 1, fence = ?2
WHERE {key} IN (SELECT {listed} FROM json_each(?1)) AND outcome IS NULL AND fence < ?2
