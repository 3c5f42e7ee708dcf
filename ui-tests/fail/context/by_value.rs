use jobs::prelude::*;

#[job]
async fn work(ctx: JobContext) {
    drop(ctx);
}

fn main() {}
