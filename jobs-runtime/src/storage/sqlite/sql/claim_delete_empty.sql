DELETE FROM jobs_claim WHERE n_left <= 0 AND fence IN (SELECT value FROM json_each(?1))
