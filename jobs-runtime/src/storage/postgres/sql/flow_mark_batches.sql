-- Also where it is marked already, as in flow_mark_jobs.
UPDATE {schema}.batch SET flow = flow | 1 WHERE id = ANY ($1)
