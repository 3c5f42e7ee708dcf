INSERT INTO jobs_edge (parent, child, parent_batch, child_batch, position, `condition`) VALUES {rows}
ON DUPLICATE KEY UPDATE parent = VALUES(parent)
