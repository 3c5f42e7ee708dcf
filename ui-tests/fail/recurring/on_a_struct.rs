use jobs::prelude::*;

#[recurring("@daily")]
struct Mail;

fn main() {}
