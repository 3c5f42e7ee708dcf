use jobs::prelude::*;

#[job]
async fn work() -> ! {
    loop {}
}

fn main() {}
