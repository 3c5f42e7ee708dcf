DELETE FROM jobs_edge WHERE child = ?1
