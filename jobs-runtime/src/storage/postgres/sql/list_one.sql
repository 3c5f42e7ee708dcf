(SELECT $1::uuid AS id)
