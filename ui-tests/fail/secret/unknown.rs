use jobs::prelude::*;

#[job(secret(pasword))]
async fn work(password: String, user: u8) {
    drop((password, user));
}

fn main() {}
