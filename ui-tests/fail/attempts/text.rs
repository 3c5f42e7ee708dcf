use jobs::prelude::*;

#[job(attempts = "five")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
