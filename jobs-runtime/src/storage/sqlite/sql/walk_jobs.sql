SELECT id, kind, queue, attempt, due_at, created_at, finished_at, outcome FROM jobs_job WHERE id {<} ?1 ORDER BY id {DESC} LIMIT ?2
