use jobs::prelude::*;

#[job]
async fn work(#[parent] a: u8, #[parents] b: Vec<u8>) {
    drop((a, b));
}

fn main() {}
