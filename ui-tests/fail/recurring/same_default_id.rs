use jobs::prelude::*;

#[recurring("@daily")]
#[recurring("@hourly")]
#[job]
async fn work() {}

fn main() {}
