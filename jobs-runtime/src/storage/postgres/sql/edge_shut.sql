UPDATE {schema}.edge SET open = 0 WHERE child = ANY ($1) AND open = 1
