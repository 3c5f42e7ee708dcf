//! Adding members to a stored batch.

use std::future::IntoFuture;

use futures_util::future::BoxFuture;

use super::{BatchRef, members};
use crate::{
    Result,
    client::{
        enqueue::Transaction,
        flow::{plan::Members, store},
    },
    storage::Tx,
};

/// Members that are added to a stored batch when this is awaited: what [`BatchRef::attach`] returns.
///
/// A member that runs can attach others to its own batch, which it knows from [`JobContext::batch`](crate::JobContext::batch).
///
/// Awaiting returns how many jobs were added.
///
/// # Guarantees
/// Each iterator of [`jobs`](Self::jobs), and the rest of what is attached, is stored in chunks of 5,000 jobs, which may run at
/// once; when a later chunk fails, the earlier ones stay. [`within`](Self::within) a transaction of the caller's, any number is
/// all or none.
///
/// # Errors
/// Awaiting gives [`Error::NoBatch`](crate::Error::NoBatch) where there is no such batch;
/// [`Error::Config`](crate::Error::Config) for one that was cancelled; those of [`Batch::enqueue`](crate::Batch::enqueue).
///
/// # Cancel safety
/// Dropping the future stores no further chunk; the one on its way is stored wholly or not at all. After
/// [`within`](Self::within), roll the transaction back.
#[derive(Debug)]
#[must_use = "nothing is attached until this is awaited"]
pub struct Attach<'t> {
    batch: BatchRef,
    members: Vec<Members>,
    tx: Option<Transaction<'t>>,
}

impl Attach<'static> {
    pub(super) fn new(batch: BatchRef) -> Self {
        Self { batch, members: Vec::new(), tx: None }
    }
}

impl<'t> Attach<'t> {
    members!();

    /// Attaches them in the caller's own transaction: they exist when that commits.
    /// [`Enqueue::within`](crate::Enqueue::within) says more.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> Attach<'n> {
        let Self { batch, members, tx: _ } = self;
        Attach { batch, members, tx: Some(Transaction(tx)) }
    }

    fn add(&mut self, members: Members) {
        self.members.push(members);
    }
}

impl<'t> IntoFuture for Attach<'t> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'t, Result<u64>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { batch, members, mut tx } = self;
        Box::pin(async move {
            let stored = store::store(batch.client(), members, Some(batch.id()), &mut tx).await?;
            Ok(stored.jobs)
        })
    }
}
