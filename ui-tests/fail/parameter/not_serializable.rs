use jobs::prelude::*;

struct User;

#[job]
async fn work(user: User) {
    drop(user);
}

fn main() {
    let _ = work::enqueue(User).delay("1s");
}
