DELETE FROM {schema}.scheduled AS scheduled
USING unnest($1, $2) AS due (due_at, id)
WHERE scheduled.due_at = due.due_at AND scheduled.id = due.id
