(SELECT unhex(value) AS id FROM json_each(?1))
