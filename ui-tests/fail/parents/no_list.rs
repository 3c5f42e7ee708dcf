use jobs::prelude::*;

#[job]
async fn work(#[parents] a: std::collections::HashSet<u8>) {
    drop(a);
}

fn main() {}
