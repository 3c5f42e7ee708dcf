use jobs::prelude::*;

#[job(timeout = 10)]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
