use jobs::prelude::*;

#[job]
extern "C" fn work() {}

fn main() {}
