UPDATE {schema}.job SET outcome = 6, leaving = 0, finished_at = $2, reason = $3, fence = greatest(fence, $4) WHERE id = $1
