DELETE FROM {schema}.ready AS ready
USING unnest($1, $2, $3) AS gone (queue, priority, id)
WHERE ready.queue = gone.queue AND ready.priority = gone.priority AND ready.id = gone.id
