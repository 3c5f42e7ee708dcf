use jobs::prelude::*;

#[recurring("@daily", id = "a")]
#[recurring("@hourly", id = "a")]
#[job]
async fn work() {}

fn main() {}
