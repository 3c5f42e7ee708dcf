use jobs::prelude::*;

#[job(secret(a))]
async fn work() {}

fn main() {}
