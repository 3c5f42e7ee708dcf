DELETE FROM jobs_ready
WHERE (queue, priority, id) IN (SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(?1))
