DELETE FROM "{schema}".server WHERE id = $1::uuid
