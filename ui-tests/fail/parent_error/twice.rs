use jobs::prelude::*;

#[job]
async fn work(#[parent_error] a: String, #[parent_error] b: String) {
    drop((a, b));
}

fn main() {}
