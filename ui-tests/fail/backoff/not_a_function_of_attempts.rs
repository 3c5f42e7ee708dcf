use jobs::prelude::*;

fn wait(_: &str) -> u32 {
    5
}

#[job(backoff = wait)]
async fn work() {}

fn main() {}
