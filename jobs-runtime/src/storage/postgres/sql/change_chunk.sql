SELECT fence FROM {schema}.live WHERE id = $1
