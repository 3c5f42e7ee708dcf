use jobs::prelude::*;

#[job]
async fn work() -> impl Copy {
    5
}

#[job]
fn other() -> impl Future<Output = ()> {
    std::future::ready(())
}

fn main() {}
