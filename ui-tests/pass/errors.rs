//! Every usual error type, aliases, and the rules about errors.

use jobs::{Fatal, Snooze, Stored, prelude::*};

type Alias = anyhow::Result<u8>;

#[derive(Debug)]
enum MailError {
    Fatal(Fatal),
    Snooze(Snooze),
}

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the mail was not sent")
    }
}

impl std::error::Error for MailError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Fatal(fatal) => Some(fatal),
            Self::Snooze(snooze) => Some(snooze),
        }
    }
}

impl From<Fatal> for MailError {
    fn from(fatal: Fatal) -> Self {
        Self::Fatal(fatal)
    }
}

impl From<Snooze> for MailError {
    fn from(snooze: Snooze) -> Self {
        Self::Snooze(snooze)
    }
}

impl MailError {
    fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_))
    }
}

#[job]
async fn alias() -> Alias {
    Err(fatal("no"))
}

#[job]
async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err(snooze("5m"))
}

#[job(fatal = MailError::is_fatal, retry_if = retry)]
async fn own() -> Result<(), MailError> {
    Err(snooze(std::time::Duration::from_secs(1)))
}

fn retry(_: &MailError) -> bool {
    true
}

#[job]
fn text(ctx: &JobContext) -> Result<String, &'static str> {
    ctx.fatal();
    Err("no")
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Version1 {
    user: u32,
}

fn upgrade(stored: Stored) -> anyhow::Result<upgraded> {
    let old: Version1 = stored.read()?;
    Ok(upgraded::new(old.user.into()))
}

#[job(version = 2, upgrade = upgrade)]
async fn upgraded(user: u64) {
    let _ = user;
}

#[job]
async fn unit() -> () {}

fn main() {
    let _ = (alias::new(), boxed::new(), own::new(), text::new(), upgraded::new(1), unit::new());
}
