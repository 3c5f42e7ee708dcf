CREATE TRIGGER refuse_payload BEFORE INSERT ON jobs_job FOR EACH ROW
IF NEW.payload = CAST('refused' AS BINARY) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this payload is refused';
END IF;

CREATE TRIGGER refuse_output BEFORE UPDATE ON jobs_job FOR EACH ROW
IF NEW.output = CAST('refused' AS BINARY) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this output is refused';
END IF;
