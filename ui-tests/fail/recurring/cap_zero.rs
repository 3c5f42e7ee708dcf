use jobs::prelude::*;

#[recurring("@daily", misfire = "all", cap = 0)]
#[job]
async fn work() {}

fn main() {}
