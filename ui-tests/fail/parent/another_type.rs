use jobs::prelude::*;

#[job]
async fn name() -> Result<String, std::io::Error> {
    Ok("Ada".to_owned())
}

#[job]
async fn one(#[parent] count: u64) {
    drop(count);
}

#[job]
async fn several(#[parents] counts: Vec<u64>) {
    drop(counts);
}

async fn call() -> jobs::Result<()> {
    let parent = name::enqueue().await?;
    one::enqueue().after(&parent).await?;
    several::enqueue().after(&parent).await?;
    several::enqueue().after_all([&parent]).await?;
    Ok(())
}

fn main() {
    drop(call());
}
