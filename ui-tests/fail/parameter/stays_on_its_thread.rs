use jobs::prelude::*;

#[job]
async fn work(x: std::rc::Rc<u8>) {
    drop(x);
}

fn main() {}
