use jobs::prelude::*;

#[job]
async fn work(#[parents] a: u8) {
    drop(a);
}

fn main() {}
