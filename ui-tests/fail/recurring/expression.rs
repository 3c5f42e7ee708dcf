use jobs::prelude::*;

#[recurring("0 25 * * *")]
#[job]
async fn work() {}

fn main() {}
