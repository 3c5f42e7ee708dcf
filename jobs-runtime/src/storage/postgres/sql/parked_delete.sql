DELETE FROM {schema}.parked AS parked
USING unnest($1, $2, $3, $4) AS gone (kind, queue, priority, id)
WHERE parked.kind = gone.kind AND parked.queue = gone.queue AND parked.priority = gone.priority AND parked.id = gone.id
