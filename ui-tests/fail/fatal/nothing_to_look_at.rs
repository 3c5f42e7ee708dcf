use jobs::prelude::*;

#[job(fatal = is_fatal)]
async fn work() -> () {}

fn main() {}
