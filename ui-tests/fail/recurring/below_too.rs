use jobs::prelude::*;

#[job]
#[recurring("0 25 * * *")]
async fn work() {}

fn main() {}
