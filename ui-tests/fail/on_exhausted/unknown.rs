use jobs::prelude::*;

#[job(on_exhausted = "retry")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
