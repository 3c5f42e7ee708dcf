INSERT INTO ready (queue, priority, job, kind) SELECT queue, priority, row, kind FROM job WHERE row > ?1
