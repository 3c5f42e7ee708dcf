//! The engine on an embedded SQLite file.
