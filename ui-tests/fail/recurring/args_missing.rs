use jobs::prelude::*;

#[recurring("@daily")]
#[job]
async fn work(user: u64, name: String) {
    drop((user, name));
}

fn main() {}
