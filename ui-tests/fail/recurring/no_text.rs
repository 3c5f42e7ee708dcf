use jobs::prelude::*;

#[recurring(every_day)]
#[job]
async fn work() {}

fn main() {}
