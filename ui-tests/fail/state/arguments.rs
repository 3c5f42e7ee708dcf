use jobs::prelude::*;

#[job]
async fn work(#[state(pool)] pool: &u8) {
    let _ = pool;
}

fn main() {}
