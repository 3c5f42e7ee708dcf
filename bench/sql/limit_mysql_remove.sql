DELETE FROM jobs_job WHERE id IN ({rows}) AND fence < {fence} AND outcome IS NULL
