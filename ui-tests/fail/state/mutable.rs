use jobs::prelude::*;

#[job]
async fn work(#[state] pool: &mut u8) {
    let _ = pool;
}

fn main() {}
