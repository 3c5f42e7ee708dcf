INSERT INTO jobs_parked (kind, queue, turn, id) VALUES {rows: (?, ?, 0 - ?, ?)}
