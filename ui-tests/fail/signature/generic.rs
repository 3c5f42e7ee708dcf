use jobs::prelude::*;

#[job]
async fn work<T: Send>(x: T) {
    drop(x);
}

fn main() {
    let _ = work::enqueue(1).delay("1s");
}
