use jobs::prelude::*;

#[job]
async fn work(#[state] pool: std::sync::Arc<u8>) {
    drop(pool);
}

fn main() {}
