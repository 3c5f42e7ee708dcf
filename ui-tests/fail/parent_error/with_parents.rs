use jobs::prelude::*;

#[job]
async fn work(#[parents] a: Vec<u8>, #[parent_error] b: String) {
    drop((a, b));
}

fn main() {}
