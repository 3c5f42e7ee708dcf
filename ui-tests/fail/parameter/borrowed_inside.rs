use jobs::prelude::*;

#[job]
async fn work(x: Option<&str>, y: std::borrow::Cow<'_, str>) {
    drop((x, y));
}

fn main() {}
