use jobs::prelude::*;

#[job]
async fn work(#[parents = 2] a: Vec<u8>) {
    drop(a);
}

fn main() {}
