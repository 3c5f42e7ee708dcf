use jobs::prelude::*;

#[job]
async fn work(#[parent] a: u8, #[parents] b: Vec<u8>, #[parent_error] c: String) {
    drop((a, b, c));
}

fn main() {}
