DELETE FROM jobs_parked
WHERE (kind, queue, priority, id) IN (SELECT ?1, ?2, value ->> 0, unhex(value ->> 1) FROM json_each(?3))
