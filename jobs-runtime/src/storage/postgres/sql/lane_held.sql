SELECT id FROM {schema}.batch
WHERE outcome IS NULL AND moved < 'ffffffff-ffff-ffff-ffff-ffffffffffff' AND id {<} $1
ORDER BY id {DESC}
LIMIT 1
