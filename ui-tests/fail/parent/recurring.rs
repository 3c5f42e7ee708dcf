use jobs::prelude::*;

#[recurring("@daily")]
#[job]
async fn work(#[parent] a: u8) {
    drop(a);
}

fn main() {}
