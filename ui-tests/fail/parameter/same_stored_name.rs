use jobs::prelude::*;

#[job]
async fn work(user: u8, _user: u8) {
    let _ = user;
}

fn main() {}
