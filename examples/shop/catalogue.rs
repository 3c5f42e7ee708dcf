//! The catalogue for a partner's site that has closed: a job that fails by design, and what runs because it has failed.

use anyhow::anyhow;
use jobs::{fatal, prelude::*};

use crate::mail::Mailer;

/// Returns how many jobs were enqueued.
pub(crate) async fn begin() -> jobs::Result<usize> {
    // What stands behind `on_failure` runs when the job has failed for good. Had it succeeded, the alert would be deleted unseen.
    let sent = send_catalogue::new("bazaar.example").on_failure(alert::new("the catalogue")).enqueue().await?;
    Ok(sent.nodes().len())
}

/// Sends the catalogue to a partner.
///
/// To ask again helps where a server is down for a while, as in `feed.rs`. After a `fatal` error no further attempt is made.
#[job(attempts = 5, timeout = "30s")]
pub(crate) async fn send_catalogue(partner: String) -> anyhow::Result<()> {
    Err(fatal(anyhow!("{partner} answers: 410 Gone")))
}

/// Tells the office that something has failed. `#[parent_error]` is the error of the job before it.
#[job(queue = "mail", attempts = 5, timeout = "30s")]
pub(crate) async fn alert(
    ctx: &JobContext,
    #[state] mailer: &Mailer,
    #[parent_error] error: String,
    what: String,
) -> anyhow::Result<()> {
    let text = format!("Please look after {what} yourselves:\n\n{error}\n");
    mailer.tell_office(ctx.id(), format!("Alert: {what}"), text).await
}
