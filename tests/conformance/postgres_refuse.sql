ALTER TABLE "{schema}".job ADD CONSTRAINT refused CHECK (payload <> 'refused'::bytea AND output <> 'refused'::bytea)
