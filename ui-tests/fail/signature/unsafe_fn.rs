use jobs::prelude::*;

#[job]
unsafe fn work() {}

fn main() {}
