//! Background jobs for Rust.
