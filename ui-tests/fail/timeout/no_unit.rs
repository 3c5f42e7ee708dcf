use jobs::prelude::*;

#[job(timeout = "10")]
async fn work(user: u64, name: String) -> Result<(), String> {
    drop((user, name));
    Ok(())
}

fn main() {
    let _ = work::enqueue(1, "a").delay("1s");
    let _ = work(1, String::new());
}
