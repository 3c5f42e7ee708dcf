//! Batches: many jobs with one outcome.

mod attach;
mod handle;
mod outputs;

use std::{marker::PhantomData, sync::Arc};

pub use self::{
    attach::Attach,
    handle::{BatchHandle, BatchRef, CancelBatch},
    outputs::Outputs,
};
use super::{
    after::{After, IntoParent, conditions},
    enqueue::Transaction,
    flow::{
        Ends, Flow, IntoFlow, Stored, draw,
        plan::{BatchStep, End, Members, Plan, Step, What},
        store,
    },
    input::IntoDuration,
};
use crate::{
    BatchId, Client, Error, Result,
    flow::{Condition, NodeId, Rule},
    parent::{self, Accepts, Branches, Follows, Free},
    storage::{NewBatch, Tx},
};

/// The longest description, in characters.
const DESCRIPTION_LIMIT: usize = 1_000;

/// Jobs that are stored together and have one outcome: it *succeeds* when all of them have, *completes* when all have ended and
/// not all succeeded, and is *deleted* when it is cancelled. What [`then`](Self::then) and its like name runs after it.
///
/// `O` is what the last step of its continuation gives: a type of [`parent`](crate::parent).
///
/// Its client is the current one when it is made; [`on`](Self::on) names another.
///
/// # Guarantees
/// Up to 5,000 jobs are stored in one transaction, all or none. More are stored in chunks of 5,000, and an iterator of
/// [`jobs`](Self::jobs) is read meanwhile, so that the client never holds more than one chunk. None of them runs before all are
/// stored. When that fails midway, [`Error::Unfinished`] says so: nothing of the batch runs, and what is stored of it is
/// removed after an hour. [`within`](Self::within) a transaction of the caller's, any number is all or none.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn send_mail(customer: u64) {}
/// # #[job] async fn report(campaign: String) {}
/// # #[job] async fn alert() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # client.scope(async {
/// let mails = (0..100).map(send_mail::new);
/// let batch = Batch::new("spring campaign").jobs(mails).then(report::new("spring")).then_on_failure(alert::new());
/// let batch = batch.enqueue().await?;
/// assert_eq!(batch.counts().await?.total, 100);
/// # Ok(()) }).await }
/// ```
#[derive(Debug)]
#[must_use = "the batch is stored only by `.enqueue().await`"]
pub struct Batch<'t, O = parent::Members> {
    id: BatchId,
    plan: Plan,
    client: Option<Client>,
    tx: Option<Transaction<'t>>,
    types: PhantomData<fn() -> O>,
}

impl Batch<'static> {
    /// A batch without members, with a text about what it is for: at most 1,000 characters.
    pub fn new(description: impl Into<String>) -> Self {
        let (id, description) = (BatchId::new(), description.into());
        let length = description.chars().count();
        let batch =
            NewBatch { id, description: Arc::from(description), parent: None, waits: None, sealed: true, retain: None };
        let step = BatchStep { batch, members: Vec::new(), may_be_empty: false };
        let step = Step { what: What::Batch(Box::new(step)), after: After::default() };
        let mut plan = Plan::of(step, End::Batch(id));
        if length > DESCRIPTION_LIMIT {
            plan.fault(Error::config(format!(
                "the description of a batch may have {DESCRIPTION_LIMIT} characters, and this one has {length}"
            )));
        }
        Self { id, plan, client: Client::current().ok(), tx: None, types: PhantomData }
    }
}

/// The members that a builder takes, which keeps them by `fn add(&mut self, members: Members)`.
macro_rules! members {
    () => {
        /// Adds a job, or a job with options: `job_function::new(args)` or `job_function::enqueue(args).delay("1h")`.
        pub fn job(self, job: impl $crate::IntoFlow<Takes: $crate::parent::Starts>) -> Self {
            self.flow(job)
        }

        /// Adds many jobs, each like one of [`job`](Self::job). The iterator is read while they are stored.
        pub fn jobs<I>(mut self, jobs: I) -> Self
        where
            I: IntoIterator<Item: $crate::IntoFlow<Takes: $crate::parent::Starts>, IntoIter: Send + 'static>,
        {
            let plans = jobs.into_iter().map(|job| $crate::IntoFlow::into_flow(job).plan);
            self.add($crate::client::flow::plan::Members::Lazy(Box::new(plans)));
            self
        }

        /// Adds a flow: each of its steps is a member.
        pub fn flow(mut self, flow: impl $crate::IntoFlow<Takes: $crate::parent::Starts>) -> Self {
            self.add($crate::client::flow::plan::Members::Here(flow.into_flow().plan));
            self
        }

        /// Adds a batch, which counts as one member, and succeeds, fails or is deleted as one. What runs after it is a member too.
        pub fn batch<L: $crate::client::flow::Ends>(self, batch: $crate::Batch<'static, L>) -> Self {
            self.flow(batch)
        }
    };
}
use members;

impl<'t, O> Batch<'t, O> {
    members!();
    conditions!();

    /// Lets the batch start when this parent has succeeded, or has already; until then none of its members runs.
    /// [`on_failure`](Self::on_failure) and its like say for which end it waits instead. Where the parent ends otherwise, the batch
    /// is deleted with its members. Written several times it waits for all of them.
    pub fn after<P: IntoParent>(mut self, parent: P) -> Self {
        self.after_mut().name("after", Rule::All, [parent.node()]);
        self
    }

    /// Lets the batch start when all of these have succeeded: at most 1,000.
    pub fn after_all<I: IntoIterator<Item: IntoParent>>(mut self, parents: I) -> Self {
        self.after_mut().name("after_all", Rule::All, parents.into_iter().map(|parent| parent.node()));
        self
    }

    /// Lets the batch start when the first of these has succeeded; the others go on.
    pub fn after_any<I: IntoIterator<Item: IntoParent>>(mut self, parents: I) -> Self {
        self.after_mut().name("after_any", Rule::Any, parents.into_iter().map(|parent| parent.node()));
        self
    }

    /// How long it is kept with its members after its end, whatever they say of themselves.
    pub fn retain(mut self, retain: impl IntoDuration) -> Self {
        match retain.into_duration() {
            Ok(retain) => self.step().0.batch.retain = Some(retain),
            Err(fault) => self.plan.fault(Error::config(format!("`retain` of a batch: {fault}"))),
        }
        self
    }

    /// Lets it be stored without members, to be attached to later, or to succeed at once. Otherwise that is an error.
    pub fn allow_empty(mut self) -> Self {
        self.step().0.may_be_empty = true;
        self
    }

    /// The client that stores it, instead of the current one.
    pub fn on(mut self, client: &Client) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Stores it in the caller's own transaction, all of it: it exists when that commits.
    /// [`Enqueue::within`](crate::Enqueue::within) says more.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> Batch<'n, O> {
        let Self { id, plan, client, tx: _, types } = self;
        Batch { id, plan, client, tx: Some(Transaction(tx)), types }
    }

    /// Runs a job, a batch or a flow when the batch has succeeded. Written once more it goes on behind that:
    /// `.then(a).then(b)` runs `a` after the batch, and `b` after `a`. To run both after the batch, write
    /// `.then(join((a, b)))`.
    ///
    /// A batch has no output of its own: its continuation reads those of the members by
    /// [`JobContext::batch_outputs`](crate::JobContext::batch_outputs).
    pub fn then<N>(self, next: N) -> Batch<'t, N::Gives>
    where
        N: IntoFlow,
        N::Takes: Accepts<O> + Follows,
    {
        let Self { id, mut plan, client, tx, types: _ } = self;
        plan.then(next.into_flow().plan);
        Batch { id, plan, client, tx, types: PhantomData }
    }

    /// Runs `next` when the batch, or a step of what [`then`](Self::then) named before this, fails. A batch fails by
    /// completing with a member that did not succeed.
    pub fn then_on_failure<N>(mut self, next: N) -> Self
    where
        N: IntoFlow,
        N::Takes: Branches,
    {
        self.plan.branch_on("then_on_failure", Condition::Failure, next.into_flow().plan);
        self
    }

    /// Runs `next` when the batch, or a step of what [`then`](Self::then) named before this, is deleted.
    pub fn then_on_deleted<N>(mut self, next: N) -> Self
    where
        N: IntoFlow,
        N::Takes: Branches,
    {
        self.plan.branch_on("then_on_deleted", Condition::Deleted, next.into_flow().plan);
        self
    }

    /// Runs `next` when the batch has ended, however, and what was named before this has too.
    pub fn then_finally<N>(mut self, next: N) -> Self
    where
        N: IntoFlow,
        N::Takes: Branches + Follows,
    {
        self.plan.finally("then_finally", next.into_flow().plan);
        self
    }

    /// The batch in words, like [`Flow::to_text`]. Members of an iterator are not shown one by one.
    pub fn to_text(&self) -> String {
        draw::Drawing::of(&self.plan).to_text()
    }

    /// The batch as a [Mermaid](https://mermaid.js.org) flowchart. Members of an iterator are not shown one by one.
    pub fn to_mermaid(&self) -> String {
        draw::Drawing::of(&self.plan).to_mermaid()
    }

    fn step(&mut self) -> (&mut BatchStep, &mut After) {
        self.plan.head().expect("`Batch::new` made the first step a batch")
    }

    fn after_mut(&mut self) -> &mut After {
        self.step().1
    }

    fn add(&mut self, members: Members) {
        self.step().0.members.push(members);
    }
}

impl<O: Ends> Batch<'_, O> {
    /// Stores it with its members and continuations.
    ///
    /// # Errors
    /// Those of [`Flow::enqueue`]; [`Error::Config`] for a batch without members; [`Error::Unfinished`] when more than 5,000 jobs
    /// were stored in part only.
    ///
    /// # Cancel safety
    /// Dropping the future before its first poll stores nothing. Later up to 5,000 jobs are stored wholly or not at all; of more,
    /// what is stored never runs and is removed after an hour. After [`within`](Self::within), roll the transaction back.
    pub async fn enqueue(self) -> Result<BatchHandle<O::Handles>> {
        let Self { id, plan, client, mut tx, types: _ } = self;
        let client = client.ok_or(Error::NoClient)?;
        let nodes = plan.steps.iter().skip(1).map(Step::node).collect::<Vec<NodeId>>();
        let end = plan.end.clone();
        let known = store::store(&client, vec![Members::Here(plan)], None, &mut tx).await?.known;
        let last = O::handles(&end, &Stored { client: &client, known: &known });
        Ok(BatchHandle::new(client.batch(id), last, nodes))
    }

    /// Stores it and waits on this thread, like [`Enqueue::blocking`](crate::Enqueue::blocking).
    ///
    /// # Errors
    /// Those of [`enqueue`](Self::enqueue), and those of [`Client::block_on`].
    pub fn blocking(self) -> Result<BatchHandle<O::Handles>> {
        self.client.clone().ok_or(Error::NoClient)?.block_on(self.enqueue())
    }
}

impl<O: Ends> IntoFlow for Batch<'static, O> {
    type Takes = Free;
    type Gives = O;

    fn into_flow(self) -> Flow<'static, Free, O> {
        Flow::new(self.plan, self.client)
    }
}
