SELECT job.{key}, job.kind, job.payload, job.attempt, job.max_attempts, job.timeout, job.meta
FROM json_each(?1)
JOIN job ON job.{key} = {listed}
