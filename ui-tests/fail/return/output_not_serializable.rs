use jobs::prelude::*;

struct Receipt;

#[job]
async fn work() -> Result<Receipt, String> {
    Ok(Receipt)
}

fn main() {}
