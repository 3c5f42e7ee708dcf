use jobs::prelude::*;

#[job]
async fn work(name: String, #[parent] count: u8) {
    drop((name, count));
}

async fn call() -> jobs::Result<()> {
    work::enqueue("a").await?;
    work::enqueue("a").queue("low").await?;
    Ok(())
}

fn main() {
    drop(call());
}
