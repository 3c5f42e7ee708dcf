(SELECT UNHEX(asked.id) AS id FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked)
