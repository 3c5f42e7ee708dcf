SELECT fence FROM {schema}.claim WHERE fence = $1 FOR UPDATE
