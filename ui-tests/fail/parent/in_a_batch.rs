use jobs::prelude::*;

#[job]
async fn work(#[parent] count: u64) {
    drop(count);
}

fn main() {
    drop(Batch::new("counts").jobs([work::new()]));
    drop(Batch::new("counts").then(work::new()));
}
