use jobs::prelude::*;

#[job]
async fn work(x: &dyn std::fmt::Debug) {
    let _ = x;
}

fn main() {}
