use jobs::prelude::*;

#[recurring()]
#[job]
async fn work() {}

fn main() {}
