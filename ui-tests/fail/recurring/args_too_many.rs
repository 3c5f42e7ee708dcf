use jobs::prelude::*;

#[recurring("@daily", args(1))]
#[job]
async fn work() {}

fn main() {}
