//! Nothing generated trips over strict lints.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic, unreachable_pub, rust_2018_idioms, unused_qualifications)]
#![forbid(unsafe_code)]

use jobs::prelude::*;

/// Documented.
#[job]
pub async fn nothing() {}

/// Documented.
#[job(codec = "json", attempts = 1)]
pub fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) -> Result<u8, String> {
    Ok(a.max(b).max(c).max(d).max(e).max(f).max(g))
}

/// Documented.
#[deprecated]
#[job]
pub async fn old(text: &str) {
    drop(text.to_owned());
}

/// Documented.
#[job]
pub async fn takes_unit(#[parent] done: (), name: &str) {
    drop((done, name.to_owned()));
}

/// Documented.
#[job]
pub async fn takes_several(#[parents] list: &[u8]) {
    drop(list.to_vec());
}

/// Documented.
#[job]
pub fn takes_an_error(#[parent_error] text: String) {
    drop(text);
}

#[job]
async fn never_enqueued(#[allow(unused_variables)] x: u8) {}

fn main() {
    let _ = nothing::new();
}
