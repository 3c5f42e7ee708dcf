use jobs::prelude::*;

#[job]
async fn work(x: Box<dyn std::fmt::Debug + Send + Sync>) {
    drop(x);
}

fn main() {}
