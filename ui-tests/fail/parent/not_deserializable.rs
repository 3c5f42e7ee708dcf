use jobs::prelude::*;

#[job]
async fn work(#[parent] a: std::time::Instant) {
    drop(a);
}

fn main() {}
