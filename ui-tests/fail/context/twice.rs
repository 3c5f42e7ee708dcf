use jobs::prelude::*;

#[job]
async fn work(a: &JobContext, x: u8, b: &JobContext) {
    let _ = (a, x, b);
}

fn main() {}
