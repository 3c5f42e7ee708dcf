use jobs::prelude::*;

#[job]
fn work(x: fn(u8) -> u8, y: *const u8) {
    let _ = (x, y);
}

fn main() {}
