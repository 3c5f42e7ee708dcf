use jobs::prelude::*;

#[job(retry_if = again)]
async fn work() -> Result<(), String> {
    Ok(())
}

fn again(_: &u8) -> bool {
    true
}

fn main() {}
