SET @jobs_now = IF(ROW_COUNT() = ?1, @jobs_now, NULL)
