SELECT id, moved FROM {schema}.batch
WHERE outcome IS NULL AND id > $1 AND moved < 'ffffffff-ffff-ffff-ffff-ffffffffffff'
ORDER BY id
LIMIT 1
