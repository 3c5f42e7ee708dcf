use jobs::prelude::*;

#[recurring("@daily", zone = "UTC")]
#[job]
async fn work() {}

fn main() {}
