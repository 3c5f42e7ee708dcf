use jobs::prelude::*;

#[recurring("@daily", tz = "Europe/Istambul")]
#[job]
async fn work() {}

fn main() {}
