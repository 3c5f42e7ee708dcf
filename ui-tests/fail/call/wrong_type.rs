use jobs::prelude::*;

#[job]
async fn work(user: u64, name: String) {
    drop((user, name));
}

fn main() {
    let _ = work::enqueue("7", "Ada");
}
