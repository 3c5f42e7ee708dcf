use jobs::prelude::*;

#[job]
const fn work() {}

fn main() {}
