SELECT queue, kind, state FROM jobs_total WHERE state IN (2, 7) AND n > 0
