use jobs::prelude::*;

#[job(attempts = -1)]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
