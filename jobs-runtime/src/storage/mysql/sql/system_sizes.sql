-- What the catalog knows: no table is read.
SELECT table_name, CAST(table_rows AS SIGNED), CAST(IFNULL(data_length, 0) + IFNULL(index_length, 0) AS SIGNED)
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND LEFT(table_name, 5) = 'jobs_'
ORDER BY 3 DESC, 1
