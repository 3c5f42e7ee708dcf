use jobs::prelude::*;

struct MailError;

#[allow(dead_code)]
async fn work() -> Result<(), MailError> {
    Err(fatal("no"))
}

fn main() {}
