use jobs::prelude::*;

#[job]
async fn work(name: &str) -> Result<&str, String> {
    Ok(name)
}

fn main() {}
