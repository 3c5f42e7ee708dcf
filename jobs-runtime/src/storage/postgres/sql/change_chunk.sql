SELECT fence FROM {schema}.live WHERE id = $1
UNION ALL
SELECT fence FROM {schema}.job WHERE id = $1 AND leaving = 1
