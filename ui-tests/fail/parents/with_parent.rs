use jobs::prelude::*;

#[job]
async fn work(#[parents] a: &[u8], #[parent] b: u8) {
    drop((a, b));
}

fn main() {}
