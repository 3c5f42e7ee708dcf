//! Storing one job: what `job_function::enqueue(..)` returns.

use std::{future::IntoFuture, marker::PhantomData};

use futures_util::future::BoxFuture;
use tokio::{runtime::Handle, task::JoinHandle};

use super::{
    after::{After, IntoParent, conditions},
    draft::{Draft, due_options, job_options},
    flow::{
        Flow,
        plan::{End, JobStep, Plan, Step, What},
    },
    handle::JobHandle,
    insert::insert,
    kind::Kind,
};
use crate::{
    Client, Error, Job, JobId, Result,
    flow::{NodeId, Rule},
    job::Standalone,
    parent::{Accepts, Branches, Needing, NeedsAfterParent, Ready, TakesSeveral},
    storage::{NewJob, Tx},
};

/// A job that is stored when this is awaited: what `job_function::enqueue(..)` returns.
///
/// It takes its client when it is made: that of the innermost [`Client::scope`], of the job that runs, or the
/// [installed](Client::install) one; [`on`](Self::on) names another. What is wrong with an option is reported when it is
/// awaited.
///
/// # Errors
/// Awaiting gives [`Error::NoClient`]; [`Error::Config`] naming each bad option; [`Error::TooLarge`] for a payload
/// over the client's limit, and for `meta` and tags over 16 KiB; [`Error::Encode`]; else what the engine says, and then
/// nothing is stored.
///
/// # Cancel safety
/// Dropping the future before its first poll stores nothing; later the job is stored wholly or not at all. To know which,
/// give the job an [`id`](Self::id) and enqueue it again. After [`within`](Self::within), roll the transaction back.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn send_welcome(user: u64, name: String) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # client.scope(async {
/// send_welcome::enqueue(7, "Ada").await?;
/// let job = send_welcome::enqueue(7, "Ada").delay("10m").queue("low").priority(High).await?;
/// assert_eq!(job.state().await?, State::Scheduled);
/// # Ok(()) }).await }
/// ```
#[derive(Debug)]
#[must_use = "the job is stored only when the builder is awaited: `.await` it, or `.spawn()` or `.blocking()`"]
pub struct Enqueue<'t, J: Job, A = Ready> {
    job: J,
    client: Option<Client>,
    id: Option<JobId>,
    draft: Draft,
    after: After,
    tx: Option<Transaction<'t>>,
    ability: PhantomData<fn() -> A>,
}

/// The caller's transaction.
pub(super) struct Transaction<'t>(pub(super) &'t mut (dyn Tx + 't));

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transaction")
    }
}

impl<J: Standalone> Enqueue<'static, J> {
    /// A job that is to be stored by the current client.
    pub fn new(job: J) -> Self {
        Self::bare(job)
    }
}

impl<J: Job<Parent: Needing>> Enqueue<'static, J, NeedsAfterParent> {
    /// A job that is to be stored by the current client as soon as it is said what it runs after.
    pub fn needing(job: J) -> Self {
        Self::bare(job)
    }
}

impl<J: Job, A> Enqueue<'static, J, A> {
    /// A job without options, whatever it needs.
    pub(super) fn bare(job: J) -> Self {
        let client = Client::current().ok();
        let (draft, after) = (Draft::default(), After::default());
        Self { job, client, id: None, draft, after, tx: None, ability: PhantomData }
    }

    /// The same as a step of a flow.
    pub(super) fn into_step<I, O>(self) -> Flow<'static, I, O> {
        let Self { job, client, id, draft, after, tx: _, ability: _ } = self;
        let kind = Kind::of::<J>();
        let (fresh, id) = (id.is_none(), id.unwrap_or_else(JobId::new));
        let end = End::Job(id, kind.descriptor.kind);
        // How many bytes the client takes shows when it is known.
        let step = draft.check(&kind.name, Vec::new()).and_then(|()| kind.payload(&job, usize::MAX)).map(|payload| {
            let job = draft.job(id, &kind, payload);
            Step { what: What::Job(Box::new(JobStep { job, takes: kind.descriptor.takes, fresh })), after }
        });
        let plan = match step {
            Ok(step) => Plan::of(step, end),
            Err(error) => Plan::broken(error, end),
        };
        Flow::new(plan, client)
    }
}

impl<'t, J: Job, A> Enqueue<'t, J, A> {
    due_options!();
    job_options!();

    /// The job's id, instead of a new one. Where a job with this id is stored already, it is left alone, so that a call
    /// whose answer was lost can be repeated; [`JobHandle::is_new`] tells. The last of `id` and [`key`](Self::key) counts.
    pub fn id(mut self, id: JobId) -> Self {
        self.id = Some(id);
        self
    }

    /// What makes this call the same as an earlier one: a job of this kind with this key is stored once. Where it is stored
    /// already, it is left alone, whatever its args and options, and the handle is that job's; [`JobHandle::is_new`] tells.
    ///
    /// The job's id is made of the kind's name and the key, so the key holds as long as the job is kept: while it waits and runs,
    /// and after its end for its [retention](Self::retain). Among the jobs of one queue and priority, those with a key go before
    /// the others, and not in the order in which they were stored.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn confirm(order: u64) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// # client.scope(async {
    /// let first = confirm::enqueue(42).key("order:42").retain("30d").await?;
    /// let again = confirm::enqueue(42).key("order:42").retain("30d").await?;
    /// assert_eq!(first.id(), again.id());
    /// assert!(first.is_new() && !again.is_new());
    /// # Ok(()) }).await }
    /// ```
    pub fn key(mut self, key: impl AsRef<str>) -> Self {
        let key = key.as_ref();
        if key.is_empty() {
            self.draft.fault("key", "it must not be empty");
        }
        self.id = Some(JobId::of_key(J::DESCRIPTOR.kind, key));
        self
    }

    /// The client that stores it, instead of the current one.
    pub fn on(mut self, client: &Client) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Stores it in the caller's own transaction: it exists when that commits, and never did when it is rolled back.
    ///
    /// The tables of `jobs` must be in the database of the transaction. The client watches for the commit for
    /// 30 seconds and then wakes the servers of its process; later ones they find by their poll.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> Enqueue<'n, J, A> {
        let Self { job, client, id, draft, after, tx: _, ability } = self;
        Enqueue { job, client, id, draft, after, tx: Some(Transaction(tx)), ability }
    }

    fn after_mut(&mut self) -> &mut After {
        &mut self.after
    }

    /// Names parents, so that it may be awaited.
    fn follow(self, call: &str, rule: Rule, parents: impl IntoIterator<Item = NodeId>) -> Enqueue<'t, J> {
        let Self { job, client, id, draft, mut after, tx, ability: _ } = self;
        after.name(call, rule, parents);
        Enqueue { job, client, id, draft, after, tx, ability: PhantomData }
    }
}

impl<'t, J: Job> Enqueue<'t, J, NeedsAfterParent> {
    /// Runs it after this parent, whose output or error it takes: a [`JobHandle`], whose type is checked, or a
    /// [`JobId`], which is checked when it runs. A job that takes an error runs when the parent has failed.
    pub fn after<P: IntoParent>(self, parent: P) -> Enqueue<'t, J>
    where
        J::Parent: Accepts<P::Gives>,
    {
        self.follow("after", Rule::All, [parent.node()])
    }

    /// Runs it when all of these have succeeded, whose outputs it takes in this order. At most 1,000.
    pub fn after_all<I>(self, parents: I) -> Enqueue<'t, J>
    where
        I: IntoIterator<Item: IntoParent>,
        J::Parent: TakesSeveral + Accepts<<I::Item as IntoParent>::Gives>,
    {
        self.follow("after_all", Rule::All, parents.into_iter().map(|parent| parent.node()))
    }

    /// Runs it when the first of these has succeeded, whose output it takes; the others go on.
    pub fn after_any<I>(self, parents: I) -> Enqueue<'t, J>
    where
        I: IntoIterator<Item: IntoParent>,
        J::Parent: Accepts<<I::Item as IntoParent>::Gives>,
    {
        self.follow("after_any", Rule::Any, parents.into_iter().map(|parent| parent.node()))
    }
}

impl<'t, J: Job> Enqueue<'t, J> {
    /// Makes it a continuation: it is stored as `awaiting`, and may run when this parent has succeeded, or has already. Where
    /// the parent ends otherwise, it is deleted with the reason, and so is what waits for it in turn.
    /// [`on_failure`](Self::on_failure) and its like say for which end it waits instead.
    ///
    /// A parent is a [`JobHandle`], a [`BatchHandle`](crate::BatchHandle), or the id of either. It must be stored in this database,
    /// or in the same transaction before this. Written several times it waits for all of them. A [`delay`](Self::delay) counts
    /// from the moment at which it waits for nothing else; a time that [`at`](Self::at) names is not waited for anew.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn register(user: u64) -> Result<u64, std::io::Error> { Ok(user) }
    /// # #[job] async fn send_welcome() {}
    /// # #[job] async fn alert() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// # client.scope(async {
    /// let registered = register::enqueue(7).await?;
    /// let mail = send_welcome::enqueue().after(&registered).delay("10m").await?;
    /// alert::enqueue().after(&registered).on_failure().await?;
    /// assert_eq!(mail.state().await?, State::Awaiting);
    /// # Ok(()) }).await }
    /// ```
    pub fn after<P: IntoParent>(self, parent: P) -> Self
    where
        J::Parent: TakesSeveral + Accepts<P::Gives>,
    {
        self.follow("after", Rule::All, [parent.node()])
    }

    /// Runs it when all of these have succeeded, like [`after`](Self::after) for each. At most 1,000; for more, put what is
    /// waited for into a [`Batch`](crate::Batch).
    pub fn after_all<I>(self, parents: I) -> Self
    where
        I: IntoIterator<Item: IntoParent>,
        J::Parent: TakesSeveral + Accepts<<I::Item as IntoParent>::Gives>,
    {
        self.follow("after_all", Rule::All, parents.into_iter().map(|parent| parent.node()))
    }

    /// Runs it when the first of these has succeeded; the others go on. It is deleted when none of them can succeed any more.
    pub fn after_any<I>(self, parents: I) -> Self
    where
        I: IntoIterator<Item: IntoParent>,
        J::Parent: TakesSeveral + Accepts<<I::Item as IntoParent>::Gives>,
    {
        self.follow("after_any", Rule::Any, parents.into_iter().map(|parent| parent.node()))
    }

    conditions!(where J::Parent: Branches);

    /// Stores it and waits on this thread: for code on the blocking pool, such as a job that is a plain `fn`, and for threads
    /// outside every runtime.
    ///
    /// # Errors
    /// Those of awaiting it, and those of [`Client::block_on`].
    pub fn blocking(self) -> Result<JobHandle<J::Output>> {
        self.client.clone().ok_or(Error::NoClient)?.block_on(self)
    }

    async fn store(self) -> Result<JobHandle<J::Output>> {
        let Self { job, client, id, draft, after, mut tx, ability: _ } = self;
        let client = client.ok_or(Error::NoClient)?;
        let kind = Kind::of::<J>();
        let waits = after.resolve(kind.descriptor.takes);
        draft.check(&kind.name, waits.as_ref().err().cloned().unwrap_or_default())?;
        let (is_fresh, id) = (id.is_none(), id.unwrap_or_else(JobId::new));
        let payload = kind.payload(&job, client.storage().settings().payload_limit)?;
        let new = NewJob { waits: waits.unwrap_or_default(), ..draft.job(id, &kind, payload) };
        drop((job, draft, after));
        let new = insert(&client, vec![new], is_fresh, &mut tx).await?;
        Ok(JobHandle::new(client, id, kind.descriptor.kind, new.first().is_some_and(|new| *new)))
    }
}

impl<J: Job> Enqueue<'static, J> {
    /// Stores it on a task of its own, for code that cannot wait. The client is the one that the builder took, wherever the task
    /// runs. An error that nobody awaits is logged.
    ///
    /// # Panics
    /// Without a client and outside a tokio runtime: there is nowhere to run.
    pub fn spawn(self) -> JoinHandle<Result<JobHandle<J::Output>>> {
        let runtime = self.client.as_ref().map_or_else(Handle::current, |client| client.runtime().clone());
        runtime.spawn(async move {
            let stored = self.store().await;
            if let Err(error) = &stored {
                tracing::error!(kind = J::DESCRIPTOR.kind, %error, "a spawned enqueue stored nothing");
            }
            stored
        })
    }
}

impl<'t, J: Job> IntoFuture for Enqueue<'t, J> {
    type Output = Result<JobHandle<J::Output>>;
    type IntoFuture = BoxFuture<'t, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}
