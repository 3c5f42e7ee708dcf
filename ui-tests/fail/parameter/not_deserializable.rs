use jobs::prelude::*;

#[derive(serde::Serialize)]
struct User;

#[job]
async fn work(users: &[User]) {
    let _ = users;
}

fn main() {}
