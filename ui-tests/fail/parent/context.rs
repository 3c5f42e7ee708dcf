use jobs::prelude::*;

#[job]
async fn work(#[parent] ctx: &JobContext) {
    drop(ctx.id());
}

fn main() {}
