use jobs::prelude::*;

#[job]
async fn count() -> Result<u64, std::io::Error> {
    Ok(7)
}

#[job]
async fn work(#[parent] count: u64) {
    drop(count);
}

async fn call() -> jobs::Result<()> {
    let parent = count::enqueue().await?;
    work::enqueue().after(&parent).on_failure().await?;
    work::enqueue().after(&parent).on_finished().await?;
    Ok(())
}

fn main() {
    drop(call());
}
