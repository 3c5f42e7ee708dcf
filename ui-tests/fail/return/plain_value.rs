use jobs::prelude::*;

#[job]
async fn work() -> u64 {
    5
}

fn main() {}
