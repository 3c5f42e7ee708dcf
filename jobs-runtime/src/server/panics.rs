//! What a panic of the user's code says.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The panic in words: "panicked: ouch".
pub(crate) fn panic_text(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let text = match text {
        Some(text) => format!("panicked: {text}"),
        None => "panicked with a value that is no text".to_owned(),
    };
    // The value's destructor is the user's code too and may panic again.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(panic)));
    text
}
