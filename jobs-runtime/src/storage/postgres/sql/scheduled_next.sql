SELECT min(due_at) FROM {schema}.scheduled
