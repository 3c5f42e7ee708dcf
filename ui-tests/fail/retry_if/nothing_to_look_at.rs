use jobs::prelude::*;

#[job(retry_if = is_transient)]
async fn work() {}

fn main() {}
