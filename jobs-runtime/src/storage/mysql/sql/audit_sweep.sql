DELETE audit FROM (SELECT n, at FROM jobs_audit FORCE INDEX (PRIMARY) ORDER BY n LIMIT ?2) AS oldest
STRAIGHT_JOIN jobs_audit AS audit FORCE INDEX (PRIMARY) ON audit.n = oldest.n
WHERE oldest.at <= ?1
