-- Those that another server is at are left to it: looking again at once would find nothing to do.
SELECT (SELECT at FROM {schema}.step ORDER BY at, batch LIMIT 1 FOR UPDATE SKIP LOCKED)
