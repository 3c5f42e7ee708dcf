-- ?1 the chunk, then its jobs, all of which have succeeded and are not kept.
DELETE FROM jobs_job WHERE fence < ?1 AND id IN ({rows}) AND outcome IS NULL
