use jobs::prelude::*;

#[job]
async fn work(#[parent] a: u8, #[parent_error] b: &str) {
    drop((a, b));
}

fn main() {}
