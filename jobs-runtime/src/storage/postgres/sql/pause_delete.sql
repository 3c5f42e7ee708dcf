DELETE FROM {schema}.pause WHERE what = $1 AND target = $2
