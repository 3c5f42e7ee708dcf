INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
