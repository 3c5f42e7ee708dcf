use jobs::prelude::*;

#[job]
async fn work(list: &mut Vec<u8>) {
    list.clear();
}

fn main() {
    let _ = work::enqueue(1).delay("1s");
}
