INSERT INTO jobs_edge (parent, child, parent_batch, child_batch, position, condition) VALUES {rows}
ON CONFLICT (parent, child) DO NOTHING
