SELECT fence, ids FROM {schema}.claim WHERE fence >= $1 AND fence < $2 ORDER BY fence LIMIT 1
