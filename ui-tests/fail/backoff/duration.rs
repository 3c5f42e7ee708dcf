use jobs::prelude::*;

#[job(backoff = "exponential(5s, 6)")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
