DELETE FROM jobs_ready WHERE suspect = 0 AND queue = 1 AND turn = 0 AND id IN ({rows})
