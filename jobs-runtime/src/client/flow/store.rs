//! Storing a flow: in one call, or, around a batch of many jobs, in chunks.

use crate::{
    BatchId, Client, Error, JobId, Result,
    client::{
        enqueue::Transaction,
        flow::plan::{BatchStep, JobStep, Members, Plan, Step, What},
        insert,
    },
    codec,
    storage::{NewBatch, NewFlow, NewJob},
};

/// How many jobs go into one transaction.
const CHUNK: usize = 5_000;

/// How many members of a batch are let go in one step.
const STEP: u32 = 1_000;

/// What was stored.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The jobs that were there before.
    pub(crate) known: Vec<JobId>,
    /// How many jobs were sent.
    pub(crate) jobs: u64,
}

/// Stores flows, whose jobs and batches become members of `batch` if one is named.
pub(crate) async fn store(
    client: &Client,
    flows: Vec<Members>,
    batch: Option<BatchId>,
    tx: &mut Option<Transaction<'_>>,
) -> Result<Summary> {
    let limit = client.storage().settings().payload_limit;
    let mut store = Store { client, tx, chunk: Chunk::default(), unsealed: Vec::new(), summary: Summary::default() };
    let stored = store.all(Source::new(flows, batch, limit), batch.is_some()).await;
    match stored {
        Ok(()) => Ok(store.summary),
        Err(source) => Err(match store.unsealed.first() {
            Some(unsealed) => {
                Error::Unfinished { batch: unsealed.id, stored: store.summary.jobs, source: Box::new(source) }
            }
            None => source,
        }),
    }
}

struct Store<'a, 't> {
    client: &'a Client,
    tx: &'a mut Option<Transaction<'t>>,
    chunk: Chunk,
    /// The batches that are stored and not sealed, each before those in it.
    unsealed: Vec<Unsealed>,
    summary: Summary,
}

#[derive(Default)]
struct Chunk {
    flow: NewFlow,
    /// For each job, whether nobody else can have its id.
    fresh: Vec<bool>,
    /// Whether a batch was added whose first member is to come: it goes into the same call, so that the batch does not end
    /// before it begins.
    is_waiting: bool,
}

struct Unsealed {
    id: BatchId,
    /// Whether all its members are stored.
    complete: bool,
    /// Whether it is in another one, which has not begun.
    nested: bool,
}

impl Store<'_, '_> {
    async fn all(&mut self, mut source: Source, is_attached: bool) -> Result<()> {
        // The batches that have begun and may get more members, outermost first.
        let mut open = Vec::<BatchId>::new();
        while let Some(piece) = source.next() {
            let is_full = self.chunk.flow.jobs.len() + self.chunk.flow.batches.len() >= CHUNK;
            // Outside every batch there is nothing that could keep the first half from running before the second is stored.
            if is_full && !self.chunk.is_waiting && (is_attached || !open.is_empty()) {
                self.flush(&open).await?;
            }
            match piece? {
                Piece::Job(job) => self.chunk.add(*job),
                Piece::Batch(batch) => {
                    open.push(batch.id);
                    self.chunk.flow.batches.push(*batch);
                    self.chunk.is_waiting = true;
                }
                Piece::Complete(id) => {
                    open.pop();
                    self.chunk.is_waiting = false;
                    if let Some(unsealed) = self.unsealed.iter_mut().find(|unsealed| unsealed.id == id) {
                        unsealed.complete = true;
                    }
                }
            }
        }
        self.flush(&[]).await?;
        self.seal_all().await
    }

    /// Stores what has been gathered; those of its batches that are `open` get more members later.
    async fn flush(&mut self, open: &[BatchId]) -> Result<()> {
        let Chunk { mut flow, fresh, is_waiting: _ } = std::mem::take(&mut self.chunk);
        if flow.jobs.is_empty() && flow.batches.is_empty() {
            return Ok(());
        }
        let mut unsealed = Vec::new();
        if self.tx.is_none() {
            // In the caller's transaction nobody sees a half of it.
            for batch in flow.batches.iter_mut().filter(|batch| open.contains(&batch.id)) {
                batch.sealed = false;
                let nested = open.first() != Some(&batch.id);
                unsealed.push(Unsealed { id: batch.id, complete: false, nested });
            }
        }
        let ids = flow.jobs.iter().map(|job| job.id).collect::<Vec<_>>();
        let new = insert::flow(self.client, flow, self.tx).await?;
        self.unsealed.append(&mut unsealed);
        self.summary.jobs += ids.len() as u64;
        let known = ids.into_iter().zip(new).zip(fresh).filter(|((_, new), fresh)| !new && !fresh);
        self.summary.known.extend(known.map(|((id, _), _)| id));
        self.seal_nested().await
    }

    /// Seals what is complete inside of a batch that is not: it has its hour too.
    async fn seal_nested(&mut self) -> Result<()> {
        while let Some(at) = self.unsealed.iter().rposition(|batch| batch.complete && batch.nested) {
            insert::seal(self.client, self.unsealed[at].id).await?;
            self.unsealed.remove(at);
        }
        Ok(())
    }

    async fn seal_all(&mut self) -> Result<()> {
        if self.unsealed.is_empty() {
            return Ok(());
        }
        while let Some(batch) = self.unsealed.last() {
            insert::seal(self.client, batch.id).await?;
            self.unsealed.pop();
        }
        self.step().await;
        Ok(())
    }

    /// Moves the members of what was sealed to where they can be claimed, so that no server's upkeep is waited for.
    async fn step(&mut self) {
        // The steps are taken for whatever needs them, which may be the batches of others too: not more than one's own share.
        for _ in 0..=self.summary.jobs.div_ceil(u64::from(STEP)) {
            match self.client.storage().flow_step(STEP).await {
                Ok(step) if step.next_in.is_some_and(|next| next.is_zero()) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::debug!(%error, "a batch was stored; the servers will move its members");
                    return;
                }
            }
        }
    }
}

impl Chunk {
    fn add(&mut self, JobStep { job, fresh, .. }: JobStep) {
        self.flow.jobs.push(job);
        self.fresh.push(fresh);
        self.is_waiting = false;
    }
}

enum Piece {
    Job(Box<JobStep>),
    Batch(Box<NewBatch>),
    Complete(BatchId),
}

/// The jobs and batches of a plan one by one: each batch, then its members, then its completion.
struct Source {
    /// What is left, the next at the end.
    left: Vec<(Left, Option<BatchId>)>,
    limit: usize,
}

enum Left {
    Steps(std::vec::IntoIter<Step>),
    Lazy(Box<dyn Iterator<Item = Plan> + Send>),
    /// The batch is complete; whether it had a member, and how errors call it.
    End {
        id: BatchId,
        may_be_empty: bool,
        name: String,
    },
}

impl Source {
    fn new(flows: Vec<Members>, batch: Option<BatchId>, limit: usize) -> Self {
        let mut source = Self { left: Vec::new(), limit };
        source.add(flows, batch);
        source
    }

    /// Puts flows before what is left.
    fn add(&mut self, flows: Vec<Members>, inside: Option<BatchId>) {
        for flow in flows.into_iter().rev() {
            let left = match flow {
                Members::Here(plan) => Left::Lazy(Box::new(std::iter::once(plan))),
                Members::Lazy(plans) => Left::Lazy(plans),
            };
            self.left.push((left, inside));
        }
    }

    fn next(&mut self) -> Option<Result<Piece>> {
        loop {
            let (left, inside) = self.left.last_mut()?;
            let inside = *inside;
            match left {
                Left::Steps(steps) => match steps.next() {
                    Some(step) => return Some(self.step(step, inside)),
                    None => drop(self.left.pop()),
                },
                Left::Lazy(plans) => match plans.next() {
                    Some(mut plan) => {
                        if let Err(error) = plan.check() {
                            return Some(Err(error));
                        }
                        self.left.push((Left::Steps(plan.steps.into_iter()), inside));
                    }
                    None => drop(self.left.pop()),
                },
                Left::End { .. } => {
                    let Some((Left::End { id, may_be_empty, name }, _)) = self.left.pop() else { continue };
                    if !may_be_empty {
                        return Some(Err(Error::config(format!(
                            "{name} has no jobs; if it may be empty, say so with `.allow_empty()`"
                        ))));
                    }
                    return Some(Ok(Piece::Complete(id)));
                }
            }
        }
    }

    fn step(&mut self, step: Step, inside: Option<BatchId>) -> Result<Piece> {
        // Whoever has a member is not empty.
        if let Some((Left::End { may_be_empty, .. }, _)) =
            self.left.iter_mut().rev().find(|(left, _)| matches!(left, Left::End { id, .. } if Some(*id) == inside))
        {
            *may_be_empty = true;
        }
        let name = step.name();
        let waits = step
            .after
            .resolve(step.takes())
            .map_err(|faults| Error::config(format!("the options of {name}: {}", faults.join("; "))))?;
        match step.what {
            What::Job(mut step) => {
                let NewJob { payload, kind, .. } = &step.job;
                codec::check_size(payload, self.limit, &format!("the payload of a `{kind}` job"))?;
                (step.job.batch, step.job.waits) = (inside, waits);
                Ok(Piece::Job(step))
            }
            What::Batch(step) => {
                let BatchStep { mut batch, members, may_be_empty } = *step;
                (batch.parent, batch.waits) = (inside, waits);
                let id = batch.id;
                self.left.push((Left::End { id, may_be_empty, name }, inside));
                self.add(members, Some(id));
                Ok(Piece::Batch(Box::new(batch)))
            }
        }
    }
}
