use jobs::prelude::*;

#[recurring("@daily")]
async fn work() {}

fn main() {}
