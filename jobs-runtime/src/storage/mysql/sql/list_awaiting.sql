(
    SELECT child AS id FROM jobs_edge WHERE open = 1 AND child_batch = 0
    UNION
    SELECT id FROM jobs_held
)
