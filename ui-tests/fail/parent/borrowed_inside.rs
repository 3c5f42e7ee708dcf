use jobs::prelude::*;

#[job]
async fn work(#[parent] a: Vec<&str>) {
    drop(a);
}

fn main() {}
