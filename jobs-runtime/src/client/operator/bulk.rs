//! Operations on many jobs: begun and stopped by operators, read by everybody.

use super::Operator;
use crate::{
    Error, OperationId, Result, State,
    client::{Client, input::check_name, pause::check_kind},
    state::transition,
    storage::{Acted, BulkAct, Deed, JobFilter, Matching, NewOperation, OperationFilter, OperationRecord},
};

/// How many jobs a count looks at where the totals do not tell.
const LOOK: u32 = 10_000;

impl OperationFilter {
    /// The newest 50 operations.
    pub fn new() -> Self {
        Self { state: None, before: None, limit: 50 }
    }
}

impl Default for OperationFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// All that is stored of an operation: how far it is, and how it ended.
    ///
    /// # Errors
    /// [`Error::NoOperation`]; else what the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn operation(&self, id: OperationId) -> Result<OperationRecord> {
        self.storage().operation_get(id).await?.ok_or(Error::NoOperation(id))
    }

    /// Operations, newest first.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn operations(&self, filter: OperationFilter) -> Result<Vec<OperationRecord>> {
        self.storage().operation_list(filter).await
    }

    /// How many jobs match a filter now, on whatever page: exact where it asks for states, queues and kinds only. Else it looks at 10,000
    /// jobs at the most, and says whether these were all.
    ///
    /// # Errors
    /// [`Error::Config`] for a filter that asks for a text, or that cannot be meant; what the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn matching(&self, filter: JobFilter) -> Result<Matching> {
        filter.check_all()?;
        self.storage().job_count(filter, LOOK).await
    }
}

impl Operator {
    /// Begins an operation on all jobs that match the filter and that are stored by now, on whatever page of the list they are; it goes on
    /// in the background until it has met all of them, on whatever servers live. A job that somebody changes after the begin
    /// is left alone, and so is one that is claimed after it; one that was claimed before and ends meanwhile is changed if it matches then.
    /// [`Client::operation`] tells how far it is.
    ///
    /// # Errors
    /// [`Error::Config`] for a filter with a state in which no job takes the act, for one that asks for a text or cannot be meant, and for
    /// a bad name.
    ///
    /// # Cancel safety
    /// It is begun and noted, or neither.
    ///
    /// ```
    /// # use jobs::{prelude::*, Actor, BulkAct, JobFilter, Via};
    /// # #[job] async fn greet() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// let failed = JobFilter::new(State::Failed).queue("mail");
    /// assert_eq!(client.matching(failed.clone()).await?.jobs, 0);
    /// let ann = client.by(Actor::new("ann", Via::Page)).because("the mail server is back");
    /// let operation = ann.begin(failed, BulkAct::Requeue).await?;
    /// assert_eq!(client.operation(operation).await?.expected, Some(0));
    /// # Ok(()) }
    /// ```
    pub async fn begin(&self, filter: JobFilter, act: BulkAct) -> Result<OperationId> {
        filter.check_all()?;
        check(&filter, &act).map_err(|fault| Error::config(format!("an operation: {fault}")))?;
        let id = OperationId::new();
        self.act(Deed::Begin(Box::new(NewOperation { id, filter, act })), None).await?;
        Ok(id)
    }

    /// Deletes all jobs of a queue that wait: an operation like any other. Those that run go on.
    ///
    /// # Errors
    /// [`Error::Config`] for a bad name.
    ///
    /// # Cancel safety
    /// It is begun and noted, or neither.
    pub async fn clear_queue(&self, queue: &str) -> Result<OperationId> {
        self.begin(waiting().queue(queue), BulkAct::Delete).await
    }

    /// Stops an operation; what it has done stays. Returns whether it took effect: `false` when it had ended.
    ///
    /// # Errors
    /// [`Error::NoOperation`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn cancel_operation(&self, operation: OperationId) -> Result<bool> {
        match self.act(Deed::Halt(operation), None).await? {
            Acted::Done => Ok(true),
            Acted::Refused => Ok(false),
            Acted::Missing => Err(Error::NoOperation(operation)),
        }
    }
}

/// What waits.
fn waiting() -> JobFilter {
    JobFilter::new(State::Scheduled).or(State::Awaiting).or(State::Enqueued)
}

fn check(filter: &JobFilter, act: &BulkAct) -> Result<(), String> {
    let event = act.change("").event();
    if let Some(state) = filter.states().find(|state| transition(*state, event).is_err()) {
        return Err(format!("no job that is {state} takes this act; leave that state out"));
    }
    filter.queues().iter().try_for_each(|queue| check_name(queue))?;
    filter.kinds().iter().try_for_each(|kind| check_kind(kind))?;
    match act {
        BulkAct::Move { queue } => check_name(queue),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_job_takes_is_refused_by_name() {
        let cases = [
            (JobFilter::new(State::Failed).or(State::Succeeded), BulkAct::Delete, "succeeded"),
            (JobFilter::new(State::Enqueued), BulkAct::Requeue, "enqueued"),
            (JobFilter::new(State::Processing), BulkAct::Prioritize(1), "processing"),
            (JobFilter::new(State::Failed).queue("a").queue(""), BulkAct::Requeue, "must not be empty"),
            (JobFilter::new(State::Failed).kind("\n"), BulkAct::Requeue, "kind"),
            (JobFilter::new(State::Enqueued), BulkAct::Move { queue: " ".into() }, "must not be empty"),
        ];
        for (filter, act, word) in cases {
            let refused = check(&filter, &act);
            assert!(refused.as_ref().is_err_and(|fault| fault.contains(word)), "{filter:?} {act:?}: {refused:?}");
        }
        assert_eq!(check(&waiting().queue("mail"), &BulkAct::Delete), Ok(()));
    }
}
