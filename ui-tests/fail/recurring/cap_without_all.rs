use jobs::prelude::*;

#[recurring("@daily", cap = 10)]
#[job]
async fn work() {}

fn main() {}
