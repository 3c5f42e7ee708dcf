use jobs::prelude::*;

#[job]
async fn work() {
    let local = std::rc::Rc::new(5);
    std::future::ready(()).await;
    drop(local);
}

fn main() {}
