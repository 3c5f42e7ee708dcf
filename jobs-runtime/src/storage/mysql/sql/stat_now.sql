INSERT INTO jobs_stat_delta (grain, at, queue, kind, measure, bucket, n)
VALUES {rows: (?, @jobs_now - @jobs_now % 60000000 + ?, ?, ?, ?, ?, ?)}
