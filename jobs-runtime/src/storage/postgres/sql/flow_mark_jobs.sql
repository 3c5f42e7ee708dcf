-- Also where it is marked already: a transaction of the application's that saw its children before this one came, and ends it after, is
-- refused then, and would else leave this one waiting.
UPDATE {schema}.job SET flow = flow | 1 WHERE id = ANY ($1)
