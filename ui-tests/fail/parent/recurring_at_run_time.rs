use jobs::prelude::*;

#[job]
async fn work(#[parent_error] error: &str) {
    let _ = error;
}

async fn call(client: &Client) -> jobs::Result<()> {
    client.recurring("daily").cron("@daily").upsert(work::new()).await
}

fn main() {
    let _ = call;
}
