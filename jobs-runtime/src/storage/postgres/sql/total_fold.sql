WITH taken AS (
    DELETE FROM {schema}.total_delta
    WHERE ctid = ANY (ARRAY (SELECT ctid FROM {schema}.total_delta LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING queue, kind, state, n
), folded AS (
    INSERT INTO {schema}.total AS total (queue, kind, state, n)
    SELECT queue, kind, state, sum(n) FROM taken
    GROUP BY queue, kind, state
    ORDER BY queue, kind, state
    ON CONFLICT (queue, kind, state) DO UPDATE SET n = total.n + excluded.n
)
SELECT count(*) FROM taken
