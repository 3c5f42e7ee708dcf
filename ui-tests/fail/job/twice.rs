use jobs::prelude::*;

#[job]
#[job]
async fn work() {}

fn main() {}
