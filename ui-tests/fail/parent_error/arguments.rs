use jobs::prelude::*;

#[job]
async fn work(#[parent_error(text)] a: String) {
    drop(a);
}

fn main() {}
