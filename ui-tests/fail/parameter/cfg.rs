use jobs::prelude::*;

#[job]
async fn work(#[cfg(test)] x: u8, #[cfg_attr(test, allow(unused))] y: u8) {}

fn main() {}
