DELETE FROM jobs_claim WHERE fence = {fence}
