use jobs::prelude::*;

#[job]
async fn work(#[serde(default)] x: u8) {
    let _ = x;
}

fn main() {}
