#![deny(warnings)]
use jobs::prelude::*;

#[job]
async fn work() {}

fn main() {
    work::enqueue();
}
