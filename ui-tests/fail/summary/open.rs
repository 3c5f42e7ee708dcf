use jobs::prelude::*;

#[job(summary = "Mail for {name")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
