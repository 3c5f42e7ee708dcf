SELECT job.id, kind.name, IF(LENGTH(job.payload) <= ?2, job.payload, NULL), job.meta, job.tags, job.reason
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS page
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(page.id)
STRAIGHT_JOIN jobs_kind AS kind ON kind.id = job.kind
