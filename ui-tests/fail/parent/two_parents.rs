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
    let (first, second) = (count::enqueue().await?, count::enqueue().await?);
    work::enqueue().after(&first).after(&second).await?;
    work::enqueue().after_all([&first, &second]).await?;
    Ok(())
}

fn main() {
    drop(call());
}
