UPDATE {schema}.batch SET sealed = 0, touched_at = to_timestamp(0) WHERE parent = $1
