SELECT job.id, kind.name, CASE WHEN length(job.payload) <= ?2 THEN job.payload END, job.meta, job.tags, job.reason
FROM json_each(?1) AS page
CROSS JOIN jobs_job AS job ON job.id = unhex(page.value)
CROSS JOIN jobs_kind AS kind ON kind.id = job.kind
