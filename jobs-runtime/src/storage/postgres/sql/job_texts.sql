SELECT job.id, kind.name, CASE WHEN octet_length(job.payload) <= $2 THEN job.payload END, job.meta, job.tags, job.reason
FROM (SELECT unnest($1) AS id) AS page
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = page.id LIMIT 1) AS job
JOIN {schema}.kind AS kind ON kind.id = job.kind
