-- What the catalog knows: no table is read. A table that was never analysed has an unknown number of rows.
SELECT relname::text, CASE WHEN reltuples >= 0 THEN reltuples::bigint END, pg_total_relation_size(oid)
FROM pg_class
WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = '{schema}.job'::regclass)
ORDER BY 3 DESC, 1
