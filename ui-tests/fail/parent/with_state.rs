use jobs::prelude::*;

#[job]
async fn work(#[parent] #[state] a: &u8) {
    drop(a);
}

fn main() {}
