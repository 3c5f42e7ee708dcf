INSERT INTO jobs_scheduled (due_at, id) VALUES {rows}
