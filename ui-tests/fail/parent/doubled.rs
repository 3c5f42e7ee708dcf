use jobs::prelude::*;

#[job]
async fn work(#[parent] #[parent] a: u8) {
    drop(a);
}

fn main() {}
