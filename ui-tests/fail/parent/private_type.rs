use jobs::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Receipt;

#[job]
pub async fn work(#[parent] receipt: Receipt) {
    drop(receipt);
}

fn main() {}
