use jobs::prelude::*;

#[job(priority = 40000)]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
