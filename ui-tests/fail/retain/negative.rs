use jobs::prelude::*;

#[job(retain = "-7d")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
