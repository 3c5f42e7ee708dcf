-- A transaction of the application's may see an older moment. It holds the rows, and is refused where they have changed since.
WITH held AS (
    SELECT 1 FROM {schema}.edge
    WHERE child = ANY ($1) AND current_setting('transaction_isolation') <> 'read committed'
    FOR UPDATE
)
SELECT child, parent, parent_batch, condition, open, outcome FROM {schema}.edge
WHERE child = ANY ($1) AND (SELECT count(*) FROM held) >= 0
ORDER BY child, position
