use jobs::prelude::*;

#[job(version = 0)]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
