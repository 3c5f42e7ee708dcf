DELETE FROM jobs_error_note WHERE n IN (SELECT value FROM json_each(?1))
