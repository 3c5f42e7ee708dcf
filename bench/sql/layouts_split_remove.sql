DELETE FROM ready WHERE (queue, priority, job) IN (SELECT 1, 0, {listed} FROM json_each(?1))
