VACUUM (SKIP_LOCKED, TRUNCATE false) {schema}.ready
