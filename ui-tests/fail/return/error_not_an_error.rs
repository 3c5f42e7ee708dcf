use jobs::prelude::*;

struct MailError;

#[job]
async fn work() -> Result<(), MailError> {
    Err(MailError)
}

fn main() {}
