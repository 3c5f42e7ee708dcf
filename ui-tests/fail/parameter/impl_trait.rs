use jobs::prelude::*;

#[job]
async fn work(x: impl Into<String>, y: Option<impl Copy>) {
    drop((x.into(), y));
}

fn main() {}
