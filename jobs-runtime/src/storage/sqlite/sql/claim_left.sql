UPDATE jobs_claim SET n_left = n_left - (SELECT value ->> 1 FROM json_each(?1) WHERE value ->> 0 = fence)
WHERE fence IN (SELECT value ->> 0 FROM json_each(?1))
