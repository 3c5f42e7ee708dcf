use jobs::prelude::*;

#[job(secret = "password")]
async fn work(password: String) {
    drop(password);
}

fn main() {}
