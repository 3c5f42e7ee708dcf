use jobs::prelude::*;

#[job]
async fn work(_: u8) {}

fn main() {}
