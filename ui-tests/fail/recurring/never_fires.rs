use jobs::prelude::*;

#[recurring("0 0 30 2 *")]
#[job]
async fn work() {}

fn main() {}
