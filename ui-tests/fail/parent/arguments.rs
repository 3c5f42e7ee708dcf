use jobs::prelude::*;

#[job]
async fn work(#[parent(1)] a: u8) {
    drop(a);
}

fn main() {}
