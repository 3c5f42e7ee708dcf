CREATE TRIGGER refuse_payload BEFORE INSERT ON jobs_job WHEN NEW.payload = CAST('refused' AS BLOB)
BEGIN
    SELECT RAISE(ABORT, 'this payload is refused');
END;

CREATE TRIGGER refuse_output BEFORE UPDATE ON jobs_job WHEN NEW.output = CAST('refused' AS BLOB)
BEGIN
    SELECT RAISE(ABORT, 'this output is refused');
END;
