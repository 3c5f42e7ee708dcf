DELETE FROM {schema}.pause WHERE until <= $1
