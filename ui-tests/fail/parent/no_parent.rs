use jobs::prelude::*;

#[job]
async fn work(#[parent] count: u64) {
    drop(count);
}

async fn call() -> jobs::Result<()> {
    work::enqueue().after("7").await?;
    Ok(())
}

fn main() {
    drop(call());
}
