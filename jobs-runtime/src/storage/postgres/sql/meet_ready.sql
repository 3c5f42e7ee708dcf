SELECT walked.a, walked.b, walked.c, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT a, b, c, id FROM (
        (SELECT $1::bigint AS a, queue AS b, 0 - priority AS c, id FROM {schema}.ready WHERE queue = $2 AND priority = 0 - $3 AND id > $4 ORDER BY id LIMIT $5)
        UNION ALL
        (SELECT $1::bigint, queue, 0 - priority, id FROM {schema}.ready WHERE queue = $2 AND priority < 0 - $3 ORDER BY priority DESC, id LIMIT $5)
        UNION ALL
        (SELECT $1::bigint, queue, 0 - priority, id FROM {schema}.ready WHERE queue > $2 AND $6 IS NULL ORDER BY queue, priority DESC, id LIMIT $5)
    ) AS part
    ORDER BY b, c, id
    LIMIT $5
) AS walked
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = walked.id LIMIT 1) AS job
ORDER BY walked.b, walked.c, walked.id
