use jobs::prelude::*;

#[job(unique, limit = 5, kinds("a"))]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
