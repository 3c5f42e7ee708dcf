UPDATE {schema}.job SET queue = $2, priority = $3, fence = greatest(fence, $4) WHERE id = $1
