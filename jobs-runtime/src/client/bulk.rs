//! Storing many jobs of one kind.

use std::future::{Future, IntoFuture};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::{
    Client,
    draft::{Draft, due_options, job_options},
    enqueue::Transaction,
    handle::JobHandle,
    insert::insert,
    kind::Kind,
};
use crate::{
    Error, Job, JobId, Result,
    job::Standalone,
    storage::{NewJob, Tx},
};

/// How many jobs go into one transaction.
const CHUNK: usize = 5_000;

/// Many jobs of one kind that are stored when this is awaited: what [`Client::enqueue_all`] returns. Its options hold for
/// each of them.
///
/// # Guarantees
/// Jobs are stored in chunks of 5,000, each in one transaction: up to 5,000 jobs are stored all or none. The next chunk is made while the
/// last ones are on their way, which is one on SQLite and two on PostgreSQL and MySQL. When a chunk fails, no further one is begun,
/// those on their way are waited for, and what was stored stays: of two that were on their way together, the later one may be stored
/// although the earlier one failed. [`within`](Self::within) a transaction of the caller's, any number is all or none. Ids are made, and
/// handles returned, in the order of the iterator.
///
/// # Errors
/// Awaiting gives those of [`Enqueue`](crate::Enqueue), of several the one of the earliest chunk; a job whose payload is too large
/// fails its chunk.
///
/// # Cancel safety
/// Dropping the future stores no further chunk; each that is on its way is stored wholly or not at all. The same holds where
/// the iterator panics. After [`within`](Self::within), roll the transaction back.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn send_welcome(user: u64, name: String) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// let users = [(1, "Ada"), (2, "Grace")];
/// let mails = users.map(|(id, name)| send_welcome::new(id, name));
/// let jobs = client.enqueue_all(mails).queue("low").delay("1h").await?;
/// assert_eq!(jobs.len(), 2);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "the jobs are stored only when the builder is awaited"]
pub struct EnqueueAll<'t, I> {
    client: Client,
    jobs: I,
    draft: Draft,
    tx: Option<Transaction<'t>>,
}

impl Client {
    /// Stores many jobs of one kind. The iterator is read while they are stored, 5,000 at a time.
    pub fn enqueue_all<'t, I>(&self, jobs: I) -> EnqueueAll<'t, I::IntoIter>
    where
        I: IntoIterator,
        I::Item: Standalone,
    {
        EnqueueAll { client: self.clone(), jobs: jobs.into_iter(), draft: Draft::default(), tx: None }
    }
}

impl<'t, I> EnqueueAll<'t, I> {
    due_options!();
    job_options!();

    /// Stores them in the caller's own transaction: all of them, when that commits.
    /// [`Enqueue::within`](crate::Enqueue::within) says more.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> EnqueueAll<'n, I> {
        let Self { client, jobs, draft, tx: _ } = self;
        EnqueueAll { client, jobs, draft, tx: Some(Transaction(tx)) }
    }
}

impl<'t, I> IntoFuture for EnqueueAll<'t, I>
where
    I: Iterator + Send + 't,
    I::Item: Standalone,
{
    type Output = Result<Vec<JobHandle<<I::Item as Job>::Output>>>;
    type IntoFuture = BoxFuture<'t, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, mut jobs, draft, mut tx } = self;
        Box::pin(async move {
            let kind = Kind::of::<I::Item>();
            draft.check(&kind.name, Vec::new())?;
            let mut handles = Vec::with_capacity(jobs.size_hint().0);
            let chunks = std::iter::from_fn(|| {
                let chunk = match next_chunk(&client, &draft, &kind, &mut jobs) {
                    Ok(chunk) if chunk.is_empty() => return None,
                    Ok(chunk) => chunk,
                    Err(error) => return Some(Err(error)),
                };
                // Under ids that were made for it each job is new.
                let made = chunk.iter().map(|job| JobHandle::new(client.clone(), job.id, kind.descriptor.kind, true));
                handles.extend(made);
                Some(Ok(chunk))
            });
            if tx.is_some() {
                for chunk in chunks {
                    insert(&client, chunk?, true, &mut tx).await?;
                }
            } else {
                let store = |chunk| async { insert(&client, chunk, true, &mut None).await.map(drop) };
                side_by_side(client.storage().lanes(), chunks, store).await?;
            }
            Ok(handles)
        })
    }
}

/// Stores chunks, up to `most` of them at once, and makes the next one meanwhile. After a failure it begins no more, and waits for those
/// that were begun.
///
/// # Errors
/// That of the earliest chunk that failed.
async fn side_by_side<C, F: Future<Output = Result<()>>>(
    most: usize,
    chunks: impl Iterator<Item = Result<C>>,
    store: impl Fn(C) -> F,
) -> Result<()> {
    let store = |number, chunk| store(chunk).map(move |end| (number, end));
    let mut lanes = Lanes { on_the_way: FuturesUnordered::new(), failed: None };
    for (number, chunk) in chunks.enumerate() {
        match chunk {
            Ok(chunk) => {
                lanes.wait(most.saturating_sub(1)).await;
                if lanes.failed.is_none() {
                    lanes.begin(store(number, chunk));
                }
            }
            Err(error) => lanes.ended((number, Err(error))),
        }
        if lanes.failed.is_some() {
            break;
        }
    }
    lanes.wait(0).await;
    lanes.failed.map_or(Ok(()), |(_, error)| Err(error))
}

/// The chunks that are on their way, each with its number.
struct Lanes<F> {
    on_the_way: FuturesUnordered<F>,
    /// The earliest that failed.
    failed: Option<(usize, Error)>,
}

impl<F: Future<Output = (usize, Result<()>)>> Lanes<F> {
    /// Sends one on its way; the storage carries it out while nobody looks.
    fn begin(&mut self, chunk: F) {
        self.on_the_way.push(chunk);
        self.look();
    }

    /// Waits until no more than `left` are on their way.
    async fn wait(&mut self, left: usize) {
        self.look();
        while self.on_the_way.len() > left
            && let Some(end) = self.on_the_way.next().await
        {
            self.ended(end);
        }
        self.look();
    }

    /// Takes the answers that are there.
    fn look(&mut self) {
        while let Some(Some(end)) = self.on_the_way.next().now_or_never() {
            self.ended(end);
        }
    }

    fn ended(&mut self, (number, end): (usize, Result<()>)) {
        if let Err(error) = end
            && self.failed.as_ref().is_none_or(|(first, _)| number < *first)
        {
            self.failed = Some((number, error));
        }
    }
}

fn next_chunk<J: Job>(
    client: &Client,
    draft: &Draft,
    kind: &Kind,
    jobs: &mut impl Iterator<Item = J>,
) -> Result<Vec<NewJob>> {
    let limit = client.storage().settings().payload_limit;
    jobs.take(CHUNK).map(|job| Ok(draft.job(JobId::new(), kind, kind.payload(&job, limit)?))).collect()
}
