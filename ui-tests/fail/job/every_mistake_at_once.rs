use jobs::prelude::*;

#[job(attempts = 0, timeout = "10", colour = 1)]
async fn work(#[cfg(test)] a: u8, (b, c): (u8, u8), d: &mut u8) {}

fn main() {}
