UPDATE jobs_batch SET flow = flow | 1 WHERE flow & 1 = 0 AND id IN (SELECT unhex(value) FROM json_each(?1))
