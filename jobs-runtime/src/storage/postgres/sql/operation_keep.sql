UPDATE {schema}.operation SET state = $2, touched_at = $3, finished_at = $4, place = $5, n_looked = n_looked + $6, n_done = n_done + $7,
    n_skipped = n_skipped + $8, n_failed = n_failed + $9, error = coalesce($10, error)
WHERE id = $1
