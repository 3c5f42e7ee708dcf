SELECT min(next_at) FROM {schema}.recurring WHERE next_at > $1 AND (owner = 1 OR id = ANY ($2))
