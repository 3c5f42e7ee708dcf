use jobs::prelude::*;

#[recurring("61 * * * *", tz = "Mars", misfire = "never", cap = 1, overlap = 5)]
#[job]
async fn work() {}

fn main() {}
