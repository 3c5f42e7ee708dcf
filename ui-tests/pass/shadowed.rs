//! Generated code names nothing of the prelude.
#![allow(dead_code)]

struct Result;
struct Option;
struct String;
struct Vec;
struct Box;
struct Ok;
struct Err;
struct Some;
struct None;
struct Into;
trait Sized {}
mod core {}
mod std {}
mod serde {}
mod jobs {}

#[::jobs::recurring("0 0 * * *", misfire = "all", cap = 3, args("x", ::std::vec![1], "y"))]
#[::jobs::job(timeout = "1s", summary = "{text}")]
async fn work(
    ctx: &::jobs::JobContext,
    text: &str,
    list: &[u8],
    name: ::std::string::String,
) -> ::std::result::Result<(), ::std::string::String> {
    drop((ctx.clone(), text.len(), list.len(), name));
    ::std::result::Result::Ok(())
}

#[::jobs::job]
fn blocking(#[state] state: &u8) {
    let _ = state;
}

#[::jobs::job]
async fn takes_one(#[parent] text: &str) {
    let _ = text;
}

#[::jobs::job]
async fn takes_several(#[parents] list: &[u8]) {
    let _ = list;
}

#[::jobs::job]
fn takes_an_error(#[parent_error] text: &str) {
    let _ = text;
}

fn main() {
    let _ = (takes_one::new(), takes_several::new(), takes_an_error::new());
    let _ = work::new("a", ::std::vec![], "b");
    let _ = blocking::new();
}
