use jobs::{BatchId, prelude::*};

#[job]
async fn one(#[parent] count: u64) {
    drop(count);
}

#[job]
async fn several(#[parents] counts: Vec<u64>) {
    drop(counts);
}

async fn call(batch: BatchId) -> jobs::Result<()> {
    one::enqueue().after(batch).await?;
    several::enqueue().after_all([batch]).await?;
    Ok(())
}

fn main() {
    let _ = call;
}
