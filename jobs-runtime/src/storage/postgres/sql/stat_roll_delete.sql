-- stat_roll_insert has moved them.
DELETE FROM {schema}.stat WHERE grain = $1 AND at < $2 AND false
