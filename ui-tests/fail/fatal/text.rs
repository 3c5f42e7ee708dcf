use jobs::prelude::*;

#[job(fatal = "is_fatal")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
