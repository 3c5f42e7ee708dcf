-- Runs at every start, so each statement allows for having run before. What stands in braces is filled in.
CREATE DATABASE IF NOT EXISTS jobs;
CREATE USER IF NOT EXISTS 'jobs'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'jobs'@'127.0.0.1' WITH GRANT OPTION;
