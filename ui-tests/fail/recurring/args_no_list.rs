use jobs::prelude::*;

#[recurring("@daily", args = 5)]
#[job]
async fn work(user: u64) {
    let _ = user;
}

fn main() {}
