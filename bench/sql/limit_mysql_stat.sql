INSERT INTO jobs_stat_delta (grain, at, queue, kind, measure, bucket, n) VALUES {rows}
