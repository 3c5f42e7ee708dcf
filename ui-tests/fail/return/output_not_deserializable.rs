use jobs::prelude::*;

#[derive(serde::Serialize)]
struct Receipt;

#[job]
fn work() -> Result<Vec<Receipt>, String> {
    Ok(vec![])
}

fn main() {}
