INSERT INTO jobs_error (id, kind, n, first_at, last_at, last_job, title, sample) VALUES {rows}
ON CONFLICT (id) DO UPDATE SET
    n = n + excluded.n,
    first_at = min(first_at, excluded.first_at),
    last_job = CASE WHEN excluded.last_at >= last_at THEN excluded.last_job ELSE last_job END,
    sample = CASE WHEN excluded.last_at >= last_at THEN excluded.sample ELSE sample END,
    last_at = max(last_at, excluded.last_at)
