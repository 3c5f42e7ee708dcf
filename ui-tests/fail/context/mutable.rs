use jobs::prelude::*;

#[job]
async fn work(ctx: &mut JobContext) {
    let _ = ctx;
}

fn main() {}
