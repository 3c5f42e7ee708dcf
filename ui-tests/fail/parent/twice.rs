use jobs::prelude::*;

#[job]
async fn work(#[parent] a: u8, #[parent] b: u8) {
    drop((a, b));
}

fn main() {}
