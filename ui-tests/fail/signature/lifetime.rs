use jobs::prelude::*;

#[job]
async fn work<'a>(x: &'a str) {
    let _ = x;
}

fn main() {}
