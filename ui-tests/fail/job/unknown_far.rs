use jobs::prelude::*;

#[job(colour = "red")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
