use jobs::prelude::*;

#[recurring("@daily")]
#[job]
async fn work(#[parents] a: Vec<u8>) {
    drop(a);
}

fn main() {}
