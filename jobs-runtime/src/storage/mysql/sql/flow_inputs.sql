SELECT parent, parent_batch, `condition`, outcome, output, reason
FROM jobs_edge FORCE INDEX (child)
WHERE child = ?1
ORDER BY position
