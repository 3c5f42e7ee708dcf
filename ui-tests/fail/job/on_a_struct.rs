use jobs::prelude::*;

#[job]
struct Mail;

fn main() {}
