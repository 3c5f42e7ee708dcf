use jobs::prelude::*;

#[job(summary = "Mail for {user_name}")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
