SELECT fence, ids FROM {schema}.claim WHERE server = $1 ORDER BY fence
