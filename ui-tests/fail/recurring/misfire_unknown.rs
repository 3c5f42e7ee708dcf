use jobs::prelude::*;

#[recurring("@daily", misfire = "twice")]
#[job]
async fn work() {}

fn main() {}
