use jobs::prelude::*;

#[job]
async fn work() -> Option<u64> {
    None
}

fn main() {}
