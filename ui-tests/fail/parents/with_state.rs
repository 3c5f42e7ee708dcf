use jobs::prelude::*;

#[job]
async fn work(#[state] #[parents] a: &[u8]) {
    drop(a);
}

fn main() {}
