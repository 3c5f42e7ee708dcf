//! The function stays callable, and the type of its name describes the job.

use jobs::prelude::*;
use std::time::Duration;

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Receipt(u32);

#[derive(Debug)]
struct Mailer;

/// Sends the welcome mail.
#[job(
    name = "mail.welcome",
    alias("mail.hello", "hello"),
    queue = "mail",
    priority = "high",
    attempts = 5,
    backoff = "linear(10s, 1h)",
    timeout = "30s",
    expires = "10m",
    on_exhausted = "delete",
    retain = "7d",
    summary = "Welcome {name}",
    secret(password),
    codec = "json",
    version = 2
)]
async fn send_welcome(
    ctx: &JobContext,
    #[state] mailer: &Mailer,
    user: u64,
    name: String,
    title: &str,
    tags: &[u8],
    file: &std::path::Path,
    borrowed: &Option<u32>,
    password: std::path::PathBuf,
    _unused: bool,
) -> Result<Receipt, std::io::Error> {
    drop((ctx.clone(), mailer, name, title, tags, file, borrowed, password));
    Ok(Receipt(user as u32))
}

fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(attempt.into())
}

#[job(priority = -7, backoff = backoff)]
fn plain() {}

fn main() {
    let descriptor = send_welcome::DESCRIPTOR;
    assert_eq!(descriptor.kind, "mail.welcome");
    assert_eq!(descriptor.aliases, ["mail.hello", "hello"]);
    assert_eq!(descriptor.params, ["user", "name", "title", "tags", "file", "borrowed", "password", "unused"]);
    assert_eq!(descriptor.secret, ["password"]);
    assert_eq!(descriptor.summary, Some("Welcome {name}"));
    assert_eq!((descriptor.options.queue, descriptor.options.priority, descriptor.options.attempts), ("mail", 10, 5));
    assert_eq!(descriptor.options.timeout, Some(Duration::from_secs(30)));
    assert_eq!(descriptor.options.expires, Some(Duration::from_secs(600)));
    assert_eq!(descriptor.options.retain, Some(Duration::from_secs(7 * 24 * 60 * 60)));
    assert_eq!(descriptor.version, 2);
    assert!(!descriptor.blocking);
    assert!(descriptor.place.to_string().contains("plain.rs"));
    assert_eq!((descriptor.states)()[0].name, std::any::type_name::<Mailer>());

    let job = send_welcome::new(7, "Ada", "Dr", vec![1], "a.txt", None, "secret", true);
    let _ = send_welcome::enqueue(7, "Ada", "Dr", vec![1], "a.txt", None, "secret", true);
    drop(job);

    let descriptor = plain::DESCRIPTOR;
    assert!(descriptor.kind.ends_with("::plain"), "{}", descriptor.kind);
    assert!(descriptor.blocking);
    assert_eq!(descriptor.options.priority, -7);
    plain();
}
