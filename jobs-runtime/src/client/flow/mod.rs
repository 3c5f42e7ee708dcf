//! Flows: jobs and batches that run after each other, written as one expression and stored together.

pub(super) mod draw;
pub(super) mod plan;
pub(super) mod store;
mod types;
mod view;

use std::{marker::PhantomData, ops::Deref};

pub(super) use self::types::Stored;
use self::{
    draw::Drawing,
    plan::{Members, Plan, Step},
};
pub use self::{
    types::{Ends, IntoFlow, Join},
    view::{FlowStep, FlowView, StepKind},
};
use super::enqueue::Transaction;
use crate::{
    Client, Error, Result,
    flow::{Condition, NodeId},
    parent::{Branches, Starts},
    storage::Tx,
};

/// Jobs and batches that run after each other, stored together by [`enqueue`](Self::enqueue): what [`IntoFlow::then`] and
/// [`join`] return.
///
/// `I` is what its first steps take, and `O` what its last steps give: types of [`parent`](crate::parent).
///
/// Its client is that of its first step, which takes the current one when it is made; [`on`](Self::on) names another.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn fetch(url: String) {}
/// # #[job] async fn left() -> Result<u32, std::io::Error> { Ok(1) }
/// # #[job] async fn right() -> Result<u32, std::io::Error> { Ok(2) }
/// # #[job] async fn merge() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # client.scope(async {
/// let flow = fetch::new("https://example.org").then(join((left::new(), right::new()))).then(merge::new());
/// println!("{}", flow.to_text());
/// let merged = flow.enqueue().await?;
/// assert_eq!(merged.nodes().len(), 4);
/// assert_eq!(merged.state().await?, State::Awaiting);
/// # Ok(()) }).await }
/// ```
#[derive(Debug)]
#[must_use = "the flow is stored only by `.enqueue().await`"]
pub struct Flow<'t, I, O> {
    pub(super) plan: Plan,
    client: Option<Client>,
    tx: Option<Transaction<'t>>,
    types: PhantomData<fn() -> (I, O)>,
}

/// Flows side by side, for what runs before or after all of them: a tuple of jobs, batches and flows, or a `Vec` of ones of one type.
///
/// What follows with [`then`](IntoFlow::then) waits for all of them, and takes their outputs by `#[parents]` in this order.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn count(region: u32) -> Result<u32, std::io::Error> { Ok(region) }
/// # #[job] async fn report() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// let regions = (1..=4).map(count::new).collect::<Vec<_>>();
/// let report = join(regions).then(report::new()).on(&client).enqueue().await?;
/// assert_eq!(report.nodes().len(), 5);
/// # Ok(()) }
/// ```
pub fn join<P: Join>(parts: P) -> Flow<'static, P::Takes, P::Gives> {
    parts.joined()
}

impl<I, O> Flow<'static, I, O> {
    pub(super) fn new(plan: Plan, client: Option<Client>) -> Self {
        Self { plan, client, tx: None, types: PhantomData }
    }

    fn parts(self) -> (Plan, Option<Client>) {
        (self.plan, self.client)
    }

    fn joined(parts: impl IntoIterator<Item = (Plan, Option<Client>)>) -> Self {
        let (plans, clients): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        Self::new(Plan::join(plans), clients.into_iter().flatten().next())
    }

    fn branch<N: IntoFlow<Takes: Branches>>(mut self, call: &str, condition: Condition, next: N) -> Self {
        self.plan.branch_on(call, condition, next.into_flow().plan);
        self
    }
}

impl<'t, I, O> Flow<'t, I, O> {
    /// The client that stores it, instead of that of its first step.
    pub fn on(mut self, client: &Client) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Stores it in the caller's own transaction, all of it: it exists when that commits.
    /// [`Enqueue::within`](crate::Enqueue::within) says more.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> Flow<'n, I, O> {
        let Self { plan, client, tx: _, types } = self;
        Flow { plan, client, tx: Some(Transaction(tx)), types }
    }

    /// The flow in words: its steps in their order, and what each waits for.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job(name = "fetch")] async fn fetch() {}
    /// # #[job(name = "merge")] async fn merge() {}
    /// # #[job(name = "alert")] async fn alert() {}
    /// let flow = fetch::new().then(merge::new()).on_failure(alert::new());
    /// assert_eq!(
    ///     flow.to_text(),
    ///     "1. job fetch\n\
    ///      2. job merge, after 1\n\
    ///      3. job alert, after the first of 1 (failure), 2 (failure)\n"
    /// );
    /// ```
    pub fn to_text(&self) -> String {
        Drawing::of(&self.plan).to_text()
    }

    /// The flow as a [Mermaid](https://mermaid.js.org) flowchart.
    pub fn to_mermaid(&self) -> String {
        Drawing::of(&self.plan).to_mermaid()
    }
}

impl<I: Starts, O: Ends> Flow<'_, I, O> {
    /// Stores it: all or nothing, but for batches of more than 5,000 jobs, of which [`Batch`](crate::Batch) says more.
    ///
    /// # Errors
    /// Those of [`Enqueue`](crate::Enqueue) for each step; [`Error::Config`] for a batch without members, and X; [`Error::NoParent`] for a parent that is not stored.
    ///
    /// # Cancel safety
    /// Dropping the future before its first poll stores nothing; later the flow is stored wholly or not at all, with the same
    /// exception. After [`within`](Self::within), roll the transaction back.
    pub async fn enqueue(self) -> Result<FlowHandle<O::Handles>> {
        let Self { plan, client, mut tx, types: _ } = self;
        let client = client.ok_or(Error::NoClient)?;
        let end = plan.end.clone();
        let nodes = plan.steps.iter().map(Step::node).collect();
        let known = store::store(&client, vec![Members::Here(plan)], None, &mut tx).await?.known;
        Ok(FlowHandle { last: O::handles(&end, &Stored { client: &client, known: &known }), nodes })
    }

    /// Stores it and waits on this thread, like [`Enqueue::blocking`](crate::Enqueue::blocking).
    ///
    /// # Errors
    /// Those of [`enqueue`](Self::enqueue), and those of [`Client::block_on`].
    pub fn blocking(self) -> Result<FlowHandle<O::Handles>> {
        self.client.clone().ok_or(Error::NoClient)?.block_on(self.enqueue())
    }
}

/// A stored flow. It can do what the handle of its last step can: a [`JobHandle`](crate::JobHandle), a
/// [`BatchRef`](crate::BatchRef), or several of them behind a [`join`].
#[derive(Clone, Debug)]
pub struct FlowHandle<H> {
    last: H,
    nodes: Vec<NodeId>,
}

impl<H> FlowHandle<H> {
    /// The handle of the last step.
    pub fn last(&self) -> &H {
        &self.last
    }

    /// The handle of the last step alone.
    pub fn into_last(self) -> H {
        self.last
    }

    /// All its steps in the order in which they were written; the members of its batches are not among them.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }
}

impl<H> Deref for FlowHandle<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.last
    }
}
