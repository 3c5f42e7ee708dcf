use jobs::prelude::*;

#[job]
async fn work(#[state] a: &str, #[state] b: &dyn std::fmt::Debug, #[state] c: &[u8]) {
    let _ = (a, b, c);
}

fn main() {}
