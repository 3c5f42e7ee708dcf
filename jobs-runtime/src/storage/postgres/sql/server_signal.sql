UPDATE {schema}.server SET stop = coalesce($2, stop), workers = coalesce($3, workers) WHERE id = $1
