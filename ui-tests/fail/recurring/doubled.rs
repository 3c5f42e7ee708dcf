use jobs::prelude::*;

#[recurring("@daily", tz = "UTC", tz = "UTC")]
#[job]
async fn work() {}

fn main() {}
