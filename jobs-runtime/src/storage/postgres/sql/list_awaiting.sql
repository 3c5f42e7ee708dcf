(
    SELECT child AS id FROM {schema}.edge WHERE open = 1 AND child_batch = 0
    UNION
    SELECT id FROM {schema}.held
)
