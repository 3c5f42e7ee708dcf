//! Jobs in a module.

/// Sends a mail.
#[jobs::job(queue = "mail")]
pub async fn send(to: String) {
    drop(to);
}
