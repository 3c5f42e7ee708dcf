DELETE FROM jobs_pause WHERE what = ?1 AND target = ?2
