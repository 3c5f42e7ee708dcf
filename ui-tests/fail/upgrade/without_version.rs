use jobs::prelude::*;

#[job(upgrade = from_version_1)]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
