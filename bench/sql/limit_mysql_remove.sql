-- The jobs of a chunk, all of which have succeeded and are not kept, and the chunk.
DELETE FROM jobs_job WHERE id IN ({rows}) AND fence < ? AND outcome IS NULL
