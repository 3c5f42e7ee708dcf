SELECT @jobs_now
