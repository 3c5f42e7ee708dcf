use jobs::prelude::*;

#[recurring("@daily", id = "")]
#[job]
async fn work() {}

fn main() {}
