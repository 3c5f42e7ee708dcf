-- What those who look on ask is given up after two seconds: in milliseconds for MySQL, in seconds for MariaDB.
SET SESSION innodb_lock_wait_timeout = 2 /*!50708 , max_execution_time = 2000 */ /*M!100601 , max_statement_time = 2 */
