use jobs::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Receipt;

#[job]
pub async fn work() -> Result<Receipt, String> {
    Ok(Receipt)
}

fn main() {}
