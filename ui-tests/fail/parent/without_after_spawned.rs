use jobs::prelude::*;

#[job]
async fn work(#[parents] counts: Vec<u8>) {
    drop(counts);
}

#[job]
async fn alert(#[parent_error] error: String) {
    drop(error);
}

fn main() {
    work::enqueue().spawn();
    let _ = alert::enqueue().blocking();
}
