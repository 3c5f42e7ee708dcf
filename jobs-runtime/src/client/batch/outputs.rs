//! What the members of a batch returned, read page by page.

use std::{collections::VecDeque, fmt, marker::PhantomData};

use serde::de::DeserializeOwned;

use super::BatchRef;
use crate::{Error, JobContext, JobId, Result, State, flow::NodeId, storage::MemberOutput, stored};

/// How many members are read at a time.
const PAGE: u32 = 500;

/// What the jobs of a batch returned, one after the other in the order of their ids: what [`BatchRef::outputs`] returns. It reads
/// 500 at a time, and passes over those that have not succeeded.
pub struct Outputs<T> {
    batch: BatchRef,
    page: VecDeque<MemberOutput>,
    last: Option<JobId>,
    is_last_page: bool,
    output: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Outputs<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outputs").field("batch", &self.batch).field("last", &self.last).finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned + 'static> Outputs<T> {
    pub(super) fn new(batch: BatchRef) -> Self {
        Self { batch, page: VecDeque::new(), last: None, is_last_page: false, output: PhantomData }
    }

    /// The batch whose jobs they are.
    pub fn batch(&self) -> &BatchRef {
        &self.batch
    }

    /// The next one; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Decode`] for a member that returned another type: the call after it goes on with the next member. What the
    /// engine says when it cannot read: the call after it tries again.
    ///
    /// # Cancel safety
    /// It only reads; no member is passed over.
    pub async fn next(&mut self) -> Result<Option<(JobId, T)>> {
        loop {
            while let Some(member) = self.page.pop_front() {
                if member.state == State::Succeeded {
                    let what = format!("the output of job {} in batch {}", member.job, self.batch.id());
                    let remedy = "`JobRef::record` has its bytes, and `JobRef::typed` reads it as what it is";
                    let output = stored::read_output(member.output.as_deref(), &what, remedy)?;
                    return Ok(Some((member.job, output)));
                }
            }
            if self.is_last_page {
                return Ok(None);
            }
            let storage = self.batch.client().storage();
            let page = storage.batch_outputs(self.batch.id(), self.last, PAGE).await?;
            self.is_last_page = page.len() < PAGE as usize;
            self.last = page.last().map(|member| member.job).or(self.last);
            self.page = page.into();
        }
    }

    /// All that are left, in memory.
    ///
    /// # Errors
    /// Those of [`next`](Self::next), the first of which ends it.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn collect(mut self) -> Result<Vec<(JobId, T)>> {
        let mut all = Vec::new();
        while let Some(output) = self.next().await? {
            all.push(output);
        }
        Ok(all)
    }
}

impl JobContext {
    /// What the members returned of the batch that this job runs after: those that succeeded, one after the other. Of several
    /// batches, the first that it was enqueued after; the others are read by [`parents`](Self::parents) and
    /// [`BatchRef::outputs`].
    ///
    /// # Errors
    /// [`Error::Config`] where it runs after no batch; else what the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// use jobs::prelude::*;
    ///
    /// #[job]
    /// async fn report(ctx: &JobContext) -> anyhow::Result<u64> {
    ///     let mut outputs = ctx.batch_outputs::<u64>().await?;
    ///     let mut sum = 0;
    ///     while let Some((_, sent)) = outputs.next().await? {
    ///         sum += sent;
    ///     }
    ///     Ok(sum)
    /// }
    /// ```
    pub async fn batch_outputs<T: DeserializeOwned + 'static>(&self) -> Result<Outputs<T>> {
        let inputs = self.client().storage().flow_inputs(NodeId::Job(self.id())).await?;
        let batch = inputs.into_iter().find_map(|input| match input.parent {
            NodeId::Batch(id) => Some(id),
            NodeId::Job(_) => None,
        });
        let batch = batch.ok_or_else(|| {
            Error::config(format!(
                "`batch_outputs` of job {}: it runs after no batch; store it with `Batch::then` or with `.after(&batch)`",
                self.id()
            ))
        })?;
        Ok(self.client().batch(batch).outputs())
    }
}
