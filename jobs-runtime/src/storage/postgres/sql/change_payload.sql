UPDATE {schema}.job SET payload = $2, fence = greatest(fence, $3) WHERE id = $1
