use jobs::prelude::*;

#[recurring("@daily")]
#[job]
async fn work(#[parent_error] a: &str) {
    drop(a);
}

fn main() {}
