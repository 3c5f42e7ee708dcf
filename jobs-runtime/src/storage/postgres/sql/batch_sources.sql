SELECT id FROM {schema}.job WHERE batch = $1 AND outcome IS NULL AND flow & 1 <> 0
