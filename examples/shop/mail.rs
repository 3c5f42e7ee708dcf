//! How a mail leaves the shop: as a file in a folder, or through a mail server.

use anyhow::Context;
use jobs::{JobId, fatal};
use lettre::{
    Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::Mailbox,
};

use crate::{
    data::{Customer, Shop},
    options::Options,
};

/// Jobs borrow it as `#[state] mailer: &Mailer`.
#[derive(Debug)]
pub(crate) enum Mailer {
    Folder(AsyncFileTransport<Tokio1Executor>),
    Server(AsyncSmtpTransport<Tokio1Executor>),
}

impl Mailer {
    pub(crate) fn new(shop: &Shop, options: &Options) -> anyhow::Result<Self> {
        Ok(match &options.smtp_url {
            Some(url) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                Self::Server(builder.context("cannot read the URL of the mail server")?.build())
            }
            None => Self::Folder(AsyncFileTransport::new(shop.folder("mails")?)),
        })
    }

    /// Sends a customer a mail for a job.
    ///
    /// A job may run twice: its server can die after the mail has left and before that is stored. So the mail carries the
    /// job's id, and whoever receives it a second time can tell.
    pub(crate) async fn send(&self, job: JobId, to: &Customer, subject: String, text: String) -> anyhow::Result<()> {
        // An address that is wrong now will be wrong later: no further attempt is made after a `fatal` error.
        let address: Address = to.email.parse().map_err(fatal::<anyhow::Error>)?;
        self.deliver(job, Mailbox::new(Some(to.name.clone()), address), subject, text).await
    }

    /// Sends a mail for a job to those who work at the shop.
    pub(crate) async fn tell_office(&self, job: JobId, subject: String, text: String) -> anyhow::Result<()> {
        self.deliver(job, "The office <office@shop.example>".parse()?, subject, text).await
    }

    async fn deliver(&self, job: JobId, to: Mailbox, subject: String, text: String) -> anyhow::Result<()> {
        let mail = Message::builder()
            .message_id(Some(format!("<{job}@shop.example>")))
            .from("The Shop <orders@shop.example>".parse()?)
            .to(to)
            .subject(subject)
            .body(text)?;
        match self {
            Self::Folder(transport) => drop(transport.send(mail).await.context("cannot write the mail to its folder")?),
            Self::Server(transport) => match transport.send(mail).await {
                Err(error) if error.is_permanent() => return Err(fatal(error)),
                sent => drop(sent.context("the mail server did not take the mail")?),
            },
        }
        Ok(())
    }
}
