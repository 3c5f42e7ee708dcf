-- Their ids are of one time, so that a look at what lies between the first and the last finds little else; it locks nothing. With `at`, which
-- the index lacks, it is never a look at the whole of it.
DELETE event
FROM (SELECT n FROM jobs_event FORCE INDEX (job) WHERE job BETWEEN ?1 AND ?2 AND job IN (?3) AND at > 0 LIMIT 1000000) AS gone
STRAIGHT_JOIN jobs_event AS event FORCE INDEX (PRIMARY) ON event.n = gone.n
