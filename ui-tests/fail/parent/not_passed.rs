use jobs::prelude::*;

#[job]
async fn work(#[parent] list: &mut Vec<u8>, text: String) {
    list.clear();
    drop(text);
}

#[job]
async fn before() -> Result<Vec<u8>, String> {
    Ok(vec![])
}

// One mistake above, and nothing about what callers do.
async fn call() -> jobs::Result<()> {
    let parent = before::enqueue().await?;
    work::enqueue("a").after(&parent).await?;
    Ok(())
}

fn main() {
    drop(call());
}
