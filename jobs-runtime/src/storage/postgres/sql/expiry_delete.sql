DELETE FROM {schema}.expiry AS expiry
USING unnest($1, $2) AS looked (at, id)
WHERE expiry.at = looked.at AND expiry.id = looked.id
