//! Storing many jobs of one kind.

use std::future::IntoFuture;

use futures_util::future::BoxFuture;

use super::{
    Client,
    draft::{Draft, due_options, job_options},
    enqueue::Transaction,
    handle::JobHandle,
    insert::insert,
    kind::Kind,
};
use crate::{
    Job, JobId, Result,
    job::Standalone,
    storage::{NewJob, Tx},
};

/// How many jobs go into one transaction.
const CHUNK: usize = 5_000;

/// Many jobs of one kind that are stored when this is awaited: what [`Client::enqueue_all`] returns. Its options hold for
/// each of them.
///
/// # Guarantees
/// Jobs are stored in chunks of 5,000, each in one transaction: up to 5,000 jobs are stored all or none. When a later chunk
/// fails, the earlier ones stay; [`within`](Self::within) a transaction of the caller's, any number is all or none.
///
/// # Errors
/// Awaiting gives those of [`Enqueue`](crate::Enqueue); a job whose payload is too large fails its chunk.
///
/// # Cancel safety
/// Dropping the future stores no further chunk; the one on its way is stored wholly or not at all. After
/// [`within`](Self::within), roll the transaction back.
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
            loop {
                let chunk = next_chunk(&client, &draft, &kind, &mut jobs)?;
                let ids = chunk.iter().map(|job| job.id).collect::<Vec<_>>();
                if ids.is_empty() {
                    break;
                }
                let new = insert(&client, chunk, true, &mut tx).await?;
                let stored = ids.into_iter().zip(new);
                handles.extend(stored.map(|(id, new)| JobHandle::new(client.clone(), id, kind.descriptor.kind, new)));
            }
            Ok(handles)
        })
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
