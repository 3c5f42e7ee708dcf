SELECT walked.a, walked.b, walked.c, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT a, b, c, id FROM (
        (SELECT suspect AS a, queue AS b, turn AS c, id FROM jobs_ready FORCE INDEX (PRIMARY) WHERE suspect = ?1 AND queue = ?2 AND turn = ?3 AND id > ?4 ORDER BY id LIMIT ?5)
        UNION ALL
        (SELECT suspect, queue, turn, id FROM jobs_ready FORCE INDEX (PRIMARY) WHERE suspect = ?1 AND queue = ?2 AND turn > ?3 ORDER BY turn, id LIMIT ?5)
        UNION ALL
        (SELECT suspect, queue, turn, id FROM jobs_ready FORCE INDEX (PRIMARY) WHERE suspect = ?1 AND queue > ?2 AND ?6 IS NULL ORDER BY queue, turn, id LIMIT ?5)
        UNION ALL
        (SELECT suspect, queue, turn, id FROM jobs_ready FORCE INDEX (PRIMARY) WHERE suspect > ?1 AND ?6 IS NULL ORDER BY suspect, queue, turn, id LIMIT ?5)
        UNION ALL
        (SELECT suspect, queue, turn, id FROM jobs_ready FORCE INDEX (PRIMARY) WHERE suspect = 1 AND ?1 = 0 AND queue = ?6 ORDER BY turn, id LIMIT ?5)
    ) AS part
    ORDER BY a, b, c, id
    LIMIT ?5
) AS walked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = walked.id
ORDER BY walked.a, walked.b, walked.c, walked.id
