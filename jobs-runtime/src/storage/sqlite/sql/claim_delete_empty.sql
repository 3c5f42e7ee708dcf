DELETE FROM jobs_claim WHERE n_left <= 0 AND fence IN (SELECT value ->> 0 FROM json_each(?1))
