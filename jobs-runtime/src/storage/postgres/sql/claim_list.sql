SELECT fence, ids, claimed_at FROM {schema}.claim WHERE server = $1 ORDER BY fence
