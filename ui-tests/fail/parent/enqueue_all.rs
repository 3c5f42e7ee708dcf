use jobs::prelude::*;

#[job]
async fn work(name: String, #[parent] count: u64) {
    drop((name, count));
}

async fn call(client: &Client) -> jobs::Result<()> {
    client.enqueue_all([work::new("a"), work::new("b")]).await?;
    Ok(())
}

fn main() {
    let _ = call;
}
