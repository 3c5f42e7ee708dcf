use jobs::prelude::*;

struct Mail;

#[job]
impl Mail {}

fn main() {}
