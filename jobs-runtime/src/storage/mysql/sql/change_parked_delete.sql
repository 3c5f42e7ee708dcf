DELETE FROM jobs_parked WHERE kind = ?1 AND queue = ?2 AND turn = 0 - ?3 AND id = ?4
