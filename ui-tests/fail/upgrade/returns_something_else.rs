use jobs::prelude::*;

fn upgrade(_: jobs::Stored) -> Result<u8, String> {
    Ok(5)
}

#[job(version = 2, upgrade = upgrade)]
async fn work() {}

fn main() {}
