use jobs::prelude::*;

#[job]
async fn work(#[state] cell: &std::cell::Cell<u8>) {
    let _ = cell;
}

fn main() {}
