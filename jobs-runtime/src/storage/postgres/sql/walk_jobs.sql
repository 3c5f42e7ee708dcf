SELECT id, kind, queue, attempt, due_at, created_at, finished_at, outcome FROM {schema}.job WHERE id {<} $1 ORDER BY id {DESC} LIMIT $2
