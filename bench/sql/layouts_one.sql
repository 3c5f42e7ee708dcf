CREATE INDEX job_ready ON job (queue, priority DESC, {key}) WHERE state = 0;
CREATE INDEX job_running ON job (fence) WHERE state = 1;
