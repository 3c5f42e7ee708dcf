UPDATE {schema}.job SET cancel = true WHERE id = $1
