//! Parameters may have any name, also the function's, keywords and those of generated methods.

use jobs::prelude::*;

#[job]
async fn send(send: u8, new: String, enqueue: &str, job: u8, run: u8, args: u8, __private: u8) {
    drop((send, new, enqueue.len(), job, run, args, __private));
}

#[job]
async fn r#type(r#match: u8, mut count: u8) -> Result<u8, String> {
    count += r#match;
    Ok(count)
}

fn main() {
    let _ = send::new(1, "a", "b", 1, 2, 3, 4);
    let _ = r#type::enqueue(1, 2);
    assert!(r#type::DESCRIPTOR.kind.ends_with("::type"));
    assert_eq!(r#type::DESCRIPTOR.params, ["match", "count"]);
}
