-- Only a row has a number: the caller deletes it in the same transaction.
INSERT INTO jobs_claim (server, claimed_at, suspect, n_left, ids) VALUES ('', 0, 0, 0, '[]')
