use jobs::prelude::*;

#[job(expires = "1mo")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
