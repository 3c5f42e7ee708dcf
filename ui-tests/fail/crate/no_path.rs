use jobs::prelude::*;

#[job(crate = "not a path")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
