use jobs::prelude::*;

#[job]
async fn work(#[parent_error] a: std::io::Error) {
    drop(a);
}

fn main() {}
