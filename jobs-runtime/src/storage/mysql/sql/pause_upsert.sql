INSERT INTO jobs_pause (what, target, number, reason, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON DUPLICATE KEY UPDATE
    -- A pause that has ended begins anew.
    since = IF(until <= VALUES(since), VALUES(since), since),
    number = VALUES(number), reason = VALUES(reason), until = VALUES(until)
