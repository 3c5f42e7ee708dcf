SELECT at, what, attempt, text
FROM (SELECT n, at, what, attempt, text FROM jobs_event WHERE job = ?1 ORDER BY n DESC LIMIT 1000) AS newest
ORDER BY n
