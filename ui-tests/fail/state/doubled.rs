use jobs::prelude::*;

#[job]
async fn work(#[state] #[state] pool: &u8) {
    let _ = pool;
}

fn main() {}
