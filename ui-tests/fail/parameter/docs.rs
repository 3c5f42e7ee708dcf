use jobs::prelude::*;

#[job]
async fn work(
    /// The user.
    x: u8,
) {
    let _ = x;
}

fn main() {}
