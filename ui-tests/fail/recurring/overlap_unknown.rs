use jobs::prelude::*;

#[recurring("@daily", overlap = "wait")]
#[job]
async fn work() {}

fn main() {}
