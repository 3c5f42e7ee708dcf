use jobs::prelude::*;

#[job(queue: "mail", attempts = )]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {}
