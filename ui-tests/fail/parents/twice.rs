use jobs::prelude::*;

#[job]
async fn work(#[parents] a: Vec<u8>, #[parents] b: Vec<u8>) {
    drop((a, b));
}

fn main() {}
