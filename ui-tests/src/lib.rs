//! Compile-fail and compile-pass cases of the macros: one `fail/<attribute>/<mistake>.rs` for each message with the message
//! beside it, one `pass/<case>.rs` for each way in which generated code could get into the way. See `tests/ui.rs`.
