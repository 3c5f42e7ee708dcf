//! A stored batch from outside: where it stands, its members, and how it is stopped.

use std::{fmt, future::IntoFuture, ops::Deref};

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;

use super::{Attach, Outputs};
use crate::{
    BatchId, Client, Error, JobId, Result,
    client::enqueue::Transaction,
    flow::{BatchState, Counts, NodeId},
    storage::{BatchFilter, BatchRecord, JobRecord, Tx},
    wake,
};

/// A stored batch: made by [`Client::batch`].
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn send_mail(customer: u64) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # let id = Batch::new("campaign").jobs((0..3).map(send_mail::new)).on(&client).enqueue().await?.id();
/// let batch = client.batch(id);
/// batch.attach().job(send_mail::new(4)).await?;
/// assert_eq!(batch.counts().await?.pending, 4);
/// assert!(batch.cancel().reason("wrong footer").await?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct BatchRef {
    client: Client,
    id: BatchId,
}

impl fmt::Debug for BatchRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BatchRef").field(&self.id).finish()
    }
}

impl Client {
    /// The batch with this id; whether there is one shows with the first call.
    pub fn batch(&self, id: BatchId) -> BatchRef {
        BatchRef { client: self.clone(), id }
    }

    /// Batches, newest first.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::{prelude::*, BatchFilter};
    /// # #[job] async fn send_mail(customer: u64) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// Batch::new("campaign").jobs((0..3).map(send_mail::new)).on(&client).enqueue().await?;
    /// let running = client.batches(BatchFilter::new().state(BatchState::Started)).await?;
    /// assert_eq!(running[0].description, "campaign");
    /// # Ok(()) }
    /// ```
    pub async fn batches(&self, filter: BatchFilter) -> Result<Vec<BatchRecord>> {
        self.storage().batch_list(filter).await
    }
}

impl BatchFilter {
    /// The newest 50 batches.
    #[allow(clippy::new_without_default, reason = "the default takes none, and this takes 50")]
    pub fn new() -> Self {
        Self { limit: 50, ..Self::default() }
    }

    /// Only in this state.
    pub fn state(mut self, state: BatchState) -> Self {
        self.state = Some(state);
        self
    }

    /// Only members of this batch.
    pub fn parent(mut self, id: BatchId) -> Self {
        self.parent = Some(id);
        self
    }

    /// Only those that follow this one in the list: the next page.
    pub fn before(mut self, id: BatchId) -> Self {
        self.before = Some(id);
        self
    }

    /// At most so many.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl BatchRef {
    /// The batch.
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// The client that reads and changes it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// All that is stored of it.
    ///
    /// # Errors
    /// [`Error::NoBatch`] when it was never stored, its transaction has not committed, or its retention has ended; else what the
    /// engine says.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn record(&self) -> Result<BatchRecord> {
        self.client.storage().batch_get(self.id).await?.ok_or(Error::NoBatch(self.id))
    }

    /// Where it stands now.
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn state(&self) -> Result<BatchState> {
        Ok(self.record().await?.state)
    }

    /// How many of its members stand where.
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn counts(&self) -> Result<Counts> {
        Ok(self.record().await?.counts)
    }

    /// How much of it is done, from 0 to 1.
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn progress(&self) -> Result<f64> {
        Ok(self.counts().await?.progress())
    }

    /// Waits for its end and returns the final state. A member that is attached or requeued later opens it again.
    ///
    /// # Errors
    /// Those of [`record`](Self::record), also while it waits.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn wait(&self) -> Result<BatchState> {
        // Subscribed before the first look, so that no end falls between the two.
        let mut looks = wake::EndWatch::new(self.client.storage().hub());
        loop {
            let state = self.state().await?;
            if state.is_final() {
                return Ok(state);
            }
            looks.next().await;
        }
    }

    /// A page of the ids of its jobs, in the order of their ids: those after `after`, at most `limit`. The members of nested
    /// batches are not among them.
    ///
    /// # Errors
    /// What the engine says when it cannot read; none for a batch that is not stored.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<JobId>> {
        self.client.storage().batch_jobs(self.id, after, limit).await
    }

    /// The same jobs with all that is stored of them; one that is gone meanwhile is left out.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn records(&self, after: Option<JobId>, limit: u32) -> Result<Vec<JobRecord>> {
        let ids = self.jobs(after, limit).await?;
        self.client.storage().job_records(ids).await
    }

    /// What its jobs returned that have succeeded by now, one after the other. Those of nested batches are not among them.
    ///
    /// ```standalone_crate
    /// # use jobs::prelude::*;
    /// #[job]
    /// async fn count(region: u32) -> Result<u32, std::io::Error> {
    ///     Ok(region * 10)
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// # tokio::spawn(client.server().run());
    /// let batch = Batch::new("census").jobs((1..=4).map(count::new)).on(&client).enqueue().await?;
    /// assert_eq!(batch.wait().await?, BatchState::Succeeded);
    /// let mut outputs = batch.outputs::<u32>();
    /// let mut sum = 0;
    /// while let Some((_, number)) = outputs.next().await? {
    ///     sum += number;
    /// }
    /// assert_eq!(sum, 100);
    /// # Ok(()) }
    /// ```
    pub fn outputs<T: DeserializeOwned + 'static>(&self) -> Outputs<T> {
        Outputs::new(self.clone())
    }

    /// Adds members. Where it has ended, it is open again until they have ended too; what ran after it does not run again.
    pub fn attach(&self) -> Attach<'static> {
        Attach::new(self.clone())
    }

    /// Stops it, in one step whatever its size: its members and the batches in it start no more, those that run are asked to
    /// stop, and the others end `deleted` soon.
    pub fn cancel(&self) -> CancelBatch<'static> {
        CancelBatch { batch: self.clone(), reason: String::new(), tx: None }
    }
}

/// The cancel of a batch, made when this is awaited: what [`BatchRef::cancel`] returns.
///
/// Awaiting returns whether it took effect: `false` when the batch had ended or was cancelled before.
///
/// # Errors
/// Awaiting gives [`Error::NoBatch`] where there is no such batch, else what the engine says.
///
/// # Cancel safety
/// Dropping the future before its first poll changes nothing; later the cancel is made wholly or not at all. After
/// [`within`](Self::within), roll the transaction back.
#[derive(Debug)]
#[must_use = "nothing is cancelled until this is awaited"]
pub struct CancelBatch<'t> {
    batch: BatchRef,
    reason: String,
    tx: Option<Transaction<'t>>,
}

impl CancelBatch<'_> {
    /// Why, for the pages of the batch and of its members.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.reason = text.into();
        self
    }

    /// Cancels it in the caller's own transaction: the cancel counts when that commits, and was never made when it is rolled back.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> CancelBatch<'n> {
        let Self { batch, reason, tx: _ } = self;
        CancelBatch { batch, reason, tx: Some(Transaction(tx)) }
    }
}

impl<'t> IntoFuture for CancelBatch<'t> {
    type Output = Result<bool>;
    type IntoFuture = BoxFuture<'t, Result<bool>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { batch, reason, tx } = self;
        Box::pin(async move {
            let storage = batch.client.storage();
            let cancelled = match tx {
                None => storage.batch_cancel(batch.id, reason).await?,
                Some(Transaction(tx)) => storage.batch_cancel_within(tx.connection(), batch.id, reason).await?,
            };
            cancelled.ok_or(Error::NoBatch(batch.id))
        })
    }
}

/// A batch that was just stored: what [`Batch::enqueue`](super::Batch::enqueue) returns. It can do everything that a [`BatchRef`]
/// can.
///
/// ```standalone_crate
/// # use jobs::prelude::*;
/// # #[job] async fn peel(_potato: u32) {}
/// #[job]
/// async fn praise(name: String) -> Result<String, std::io::Error> {
///     Ok(format!("well done, {name}"))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # tokio::spawn(client.server().run());
/// # client.scope(async {
/// let batch = Batch::new("potatoes").jobs((1..=4).map(peel::new)).then(praise::new("Ada")).enqueue().await?;
/// assert_eq!(batch.last().output().await?, "well done, Ada");
/// assert_eq!(batch.counts().await?.succeeded, 4);
/// # Ok(()) }).await }
/// ```
#[derive(Clone, Debug)]
pub struct BatchHandle<L = BatchRef> {
    batch: BatchRef,
    last: L,
    continuations: Vec<NodeId>,
}

impl<L> BatchHandle<L> {
    pub(super) fn new(batch: BatchRef, last: L, continuations: Vec<NodeId>) -> Self {
        Self { batch, last, continuations }
    }

    /// The handle of the last step that [`then`](super::Batch::then) named, such as a [`JobHandle`](crate::JobHandle); of a batch
    /// without one, the batch itself.
    pub fn last(&self) -> &L {
        &self.last
    }

    /// What runs after it: the steps that `then` and its like named, in the order in which they were written.
    pub fn continuations(&self) -> &[NodeId] {
        &self.continuations
    }
}

impl<L> Deref for BatchHandle<L> {
    type Target = BatchRef;

    fn deref(&self) -> &BatchRef {
        &self.batch
    }
}
