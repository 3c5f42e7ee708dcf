//! What a handler returns and what it means: success, failure, fatal, snooze.
