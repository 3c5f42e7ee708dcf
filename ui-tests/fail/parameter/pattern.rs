use jobs::prelude::*;

#[job]
async fn work((a, b): (u8, u8)) {
    let _ = a + b;
}

fn main() {
    let _ = work::enqueue((1, 2)).delay("1s");
}
