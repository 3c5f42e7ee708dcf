SELECT walked.a, walked.b, walked.c, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT a, b, c, id FROM (
        SELECT * FROM (SELECT ?1 AS a, queue AS b, 0 - priority AS c, id FROM jobs_ready WHERE queue = ?2 AND priority = 0 - ?3 AND id > ?4 ORDER BY id LIMIT ?5)
        UNION ALL
        SELECT * FROM (SELECT ?1, queue, 0 - priority, id FROM jobs_ready WHERE queue = ?2 AND priority < 0 - ?3 ORDER BY priority DESC, id LIMIT ?5)
        UNION ALL
        SELECT * FROM (SELECT ?1, queue, 0 - priority, id FROM jobs_ready WHERE queue > ?2 AND ?6 IS NULL ORDER BY queue, priority DESC, id LIMIT ?5)
    ) AS part
    ORDER BY b, c, id
    LIMIT ?5
) AS walked
CROSS JOIN jobs_job AS job ON job.id = walked.id
ORDER BY walked.b, walked.c, walked.id
