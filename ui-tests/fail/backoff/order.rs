use jobs::prelude::*;

#[job(backoff = "linear(1h, 5s)")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
