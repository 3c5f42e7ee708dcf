SELECT id FROM jobs_batch FORCE INDEX (outcome)
WHERE outcome IS NULL AND moved < UNHEX('ffffffffffffffffffffffffffffffff') AND id {<} ?1
ORDER BY id {DESC}
LIMIT 1
