//! Pauses of queues, kinds, recurring jobs and servers.

use std::{future::IntoFuture, sync::Arc};

use futures_util::future::BoxFuture;

use super::{
    Client,
    act::Act,
    enqueue::Transaction,
    input::{IntoDue, check_name},
};
use crate::{
    Error, Job, Result,
    storage::{Due, Pause, PauseTarget, SharedStorage, Tx},
    text,
};

/// The longest name of a kind, in characters.
const KIND_LIMIT: usize = 200;

/// A queue by its name: made by [`Client::queue`].
///
/// ```
/// # use jobs::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// client.queue("mail").pause().reason("bounce storm").until("2h").await?;
/// assert_eq!(client.pauses().await?[0].reason, "bounce storm");
/// assert!(client.queue("mail").resume().await?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct QueueRef {
    client: Client,
    name: String,
}

/// A kind by its name: made by [`Client::kind`] and [`Client::kind_named`].
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn send_mail() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// client.kind::<send_mail>().pause().reason("wrong footer").await?;
/// assert!(client.kind::<send_mail>().resume().await?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct KindRef {
    client: Client,
    names: Vec<String>,
}

impl Client {
    /// The queue of this name, whether or not anything was ever in it.
    pub fn queue(&self, name: impl Into<String>) -> QueueRef {
        QueueRef { client: self.clone(), name: name.into() }
    }

    /// The kind of a job type, under its name and under its aliases.
    pub fn kind<J: Job>(&self) -> KindRef {
        let names = std::iter::once(&J::DESCRIPTOR.kind).chain(J::DESCRIPTOR.aliases);
        KindRef { client: self.clone(), names: names.map(|name| (*name).to_owned()).collect() }
    }

    /// The kind of this name, for programs that do not have its function. Where this one has, its other names are meant too.
    pub fn kind_named(&self, name: impl Into<String>) -> KindRef {
        let name = name.into();
        let names = match self.registry().get(&name) {
            Some(known) => std::iter::once(&known.kind).chain(known.aliases).map(|name| (*name).to_owned()).collect(),
            None => vec![name],
        };
        KindRef { client: self.clone(), names }
    }

    /// All pauses in force now, oldest first.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn pauses(&self) -> Result<Vec<Pause>> {
        self.storage().pauses().await
    }
}

impl QueueRef {
    /// Lets no server start a job of the queue, until it is resumed. Jobs can still be stored in it; those that run go on.
    pub fn pause(&self) -> SetPause<'static> {
        SetPause::new(&self.client, vec![self.target()], check_name(&self.name).err())
    }

    /// Ends the pause. Awaiting returns whether one was in force.
    pub fn resume(&self) -> Act<'static, bool> {
        end_pause(&self.client, vec![self.target()])
    }

    fn target(&self) -> PauseTarget {
        PauseTarget::Queue(Arc::from(&*self.name))
    }
}

impl KindRef {
    /// Lets no server start a job of the kind, from whatever queue, until it is resumed. Jobs of it can still be stored; those
    /// that run go on.
    pub fn pause(&self) -> SetPause<'static> {
        let fault = self.names.iter().find_map(|name| check_kind(name).err());
        SetPause::new(&self.client, self.targets(), fault)
    }

    /// Ends the pause. Awaiting returns whether one was in force.
    pub fn resume(&self) -> Act<'static, bool> {
        end_pause(&self.client, self.targets())
    }

    /// All its names.
    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }

    fn targets(&self) -> Vec<PauseTarget> {
        self.names.iter().map(|name| PauseTarget::Kind(Arc::from(&**name))).collect()
    }
}

pub(super) fn check_kind(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > KIND_LIMIT || name.chars().any(char::is_control) {
        return Err(format!(
            "`{}` is not the name of a kind: 1 to {KIND_LIMIT} characters, no control characters",
            name.escape_debug()
        ));
    }
    Ok(())
}

/// A pause that begins when this is awaited: what `client.queue("mail").pause()` and its like return. Pausing what is paused
/// gives the pause another reason and another end.
///
/// A pause is in force on every server as soon as it is stored: a server that claims looks at the pauses in the same step. What
/// it has claimed a moment before may still start within a second.
///
/// # Errors
/// Awaiting gives [`Error::Config`] for a bad name or end; [`Error::NoServer`]; [`Error::NoRecurring`], unless
/// [`within`](Self::within) a transaction, which may be about to make it; else what the engine says.
///
/// # Cancel safety
/// Dropping the future before its first poll pauses nothing; later the pause is stored wholly or not at all, each name of a
/// kind by itself. After [`within`](Self::within), roll the transaction back.
#[derive(Debug)]
#[must_use = "nothing is paused until it is awaited"]
pub struct SetPause<'t> {
    client: Client,
    targets: Vec<PauseTarget>,
    reason: String,
    until: Option<Due>,
    fault: Option<String>,
    tx: Option<Transaction<'t>>,
}

impl SetPause<'static> {
    pub(super) fn new(client: &Client, targets: Vec<PauseTarget>, fault: Option<String>) -> Self {
        Self { client: client.clone(), targets, reason: String::new(), until: None, fault, tx: None }
    }
}

impl<'t> SetPause<'t> {
    /// Why, for whoever wonders.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.reason = text.into();
        self
    }

    /// When it ends by itself: an instant, or a duration from now on, by the database's clock. Without this it lasts until it is
    /// ended.
    pub fn until(mut self, end: impl IntoDue) -> Self {
        match end.into_due() {
            Ok(end) => self.until = Some(end),
            Err(fault) => self.fault = Some(format!("`until`: {fault}")),
        }
        self
    }

    /// Pauses in the caller's own transaction: in force when that commits, and never was when it is rolled back.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> SetPause<'n> {
        let Self { client, targets, reason, until, fault, tx: _ } = self;
        SetPause { client, targets, reason, until, fault, tx: Some(Transaction(tx)) }
    }

    async fn store(self) -> Result<()> {
        let Self { client, targets, reason, until, fault, mut tx } = self;
        if let Some(fault) = fault {
            return Err(Error::config(format!("`pause`: {fault}")));
        }
        let (storage, reason) = (client.storage(), text::clean(&reason));
        for target in targets {
            check_target(storage, &target, tx.is_some()).await?;
            match &mut tx {
                None => storage.pause(target, reason.clone(), until).await?,
                Some(Transaction(tx)) => {
                    storage.pause_within(tx.connection(), target, reason.clone(), until).await?;
                }
            }
        }
        Ok(())
    }
}

impl<'t> IntoFuture for SetPause<'t> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'t, Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

/// A slip of the pen in an id would pause nothing, without a word.
async fn check_target(storage: &SharedStorage, target: &PauseTarget, in_transaction: bool) -> Result<()> {
    match target {
        PauseTarget::Server(id) if !storage.server_list().await?.iter().any(|server| server.id == *id) => {
            Err(Error::NoServer(*id))
        }
        PauseTarget::Recurring(id) if !in_transaction && storage.recurring_get(id).await?.is_none() => {
            Err(Error::NoRecurring(id.to_string()))
        }
        _ => Ok(()),
    }
}

/// Ends the pauses of these. Gives whether one was in force.
pub(super) fn end_pause(client: &Client, targets: Vec<PauseTarget>) -> Act<'static, bool> {
    Act::new(client.clone(), |client, mut tx| {
        Box::pin(async move {
            let mut ended = false;
            for target in targets {
                ended |= match &mut tx {
                    None => client.storage().resume(target).await?,
                    Some(tx) => client.storage().resume_within(tx.connection(), target).await?,
                };
            }
            Ok(ended)
        })
    })
}
