use jobs::prelude::*;

#[job]
async fn work(x: &'static str) {
    let _ = x;
}

fn main() {}
