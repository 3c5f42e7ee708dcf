//! Ending a job inside a transaction of its handler's own.

use std::{future::IntoFuture, sync::atomic::Ordering};

use futures_util::future::BoxFuture;

use super::{Inner, JobContext};
use crate::{
    Error, Result, codec, layout,
    storage::{Accepted, End, Finish, Tx},
    stored::{self, Storable},
};

/// Ends the job that runs as `succeeded`, in the handler's own transaction, when this is awaited: what
/// [`JobContext::finish_in`] returns.
#[must_use = "the job is ended only when this is awaited and the transaction is committed"]
pub struct FinishIn<'t> {
    context: &'t JobContext,
    tx: &'t mut (dyn Tx + 't),
    output: Option<Result<Option<Vec<u8>>>>,
}

impl std::fmt::Debug for FinishIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FinishIn").field("context", self.context).finish_non_exhaustive()
    }
}

impl JobContext {
    /// Ends this job as `succeeded` inside a transaction of the handler's own, so that its effects in that database happen
    /// *exactly once*: they and the end of the job are committed together or not at all.
    ///
    /// Call it last, then commit, then return `Ok`. Whatever happens in between:
    ///
    /// - The process dies before the commit: neither the effects nor the end are there, and the job runs again. After it: both
    ///   are, and it does not.
    /// - The job was taken from this server meanwhile, by a rescue after a lost lease, say: the call gives [`Error::Taken`]. Roll
    ///   back and return the error; whoever has the job now makes the effects.
    /// - The commit fails, or gives no answer: return the error. If it was carried out, the job has succeeded and stays so; if
    ///   not, the job runs again.
    /// - The handler rolls back and returns an error: as if `finish_in` had not been called. One that rolls back and returns `Ok`
    ///   has said that all is well, and the job ends without its effects: so never swallow the error of a commit.
    ///
    /// A handler that returns a value gives it here, by [`output`](FinishIn::output); what it returns afterwards is not stored, and
    /// neither is progress that it tells after this call.
    ///
    /// The transaction must belong to the database that the jobs are in.
    ///
    /// # Errors
    /// Awaiting gives [`Error::Taken`]; [`Error::Config`] when the run has ended its job so already, and when the output is missing
    /// or not of the type that the handler returns; [`Error::TooLarge`] and [`Error::Encode`] for an output that cannot be
    /// stored; else what the engine says. After an error, roll the transaction back.
    ///
    /// # Cancel safety
    /// After dropping the future, roll the transaction back.
    ///
    /// ```standalone_crate
    /// use jobs::prelude::*;
    /// use sqlx::SqlitePool;
    ///
    /// /// Moves money once, however often its server dies.
    /// #[job]
    /// async fn pay(ctx: &JobContext, #[state] shop: &SqlitePool, order: i64) -> anyhow::Result<()> {
    ///     let mut tx = shop.begin().await?;
    ///     sqlx::query("INSERT INTO payments (order_id) VALUES (?)").bind(order).execute(&mut *tx).await?;
    ///     ctx.finish_in(&mut tx).await?;
    ///     tx.commit().await?;
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// let client = Client::connect(&url).await?;
    /// let shop = SqlitePool::connect(&url).await?;
    /// sqlx::query("CREATE TABLE payments (order_id INTEGER)").execute(&shop).await?;
    /// let server = client.server().state(shop.clone()).start().await?;
    ///
    /// let job = pay::enqueue(42).on(&client).await?;
    /// job.output().await?;
    /// let paid: i64 = sqlx::query_scalar("SELECT count(*) FROM payments").fetch_one(&shop).await?;
    /// assert_eq!(paid, 1);
    /// # server.stop().await;
    /// # Ok(()) }
    /// ```
    pub fn finish_in<'t, T: Tx + 't>(&'t self, tx: &'t mut T) -> FinishIn<'t> {
        FinishIn { context: self, tx, output: None }
    }

    /// Whether the handler has ended the job in a transaction of its own, which may not have been committed.
    pub(crate) fn has_finished(&self) -> bool {
        self.inner.finished.load(Ordering::Acquire)
    }
}

impl FinishIn<'_> {
    /// What the handler returns, for whoever awaits the job's output.
    pub fn output<T: Storable>(mut self, output: &T) -> Self {
        self.output = Some(self.encode(output));
        self
    }

    fn encode<T: Storable>(&self, output: &T) -> Result<Option<Vec<u8>>> {
        let Inner { descriptor, client, .. } = self.context.inner();
        if layout::of::<T>().fingerprint != (descriptor.output_layout)().fingerprint {
            return Err(Error::config(format!(
                "`finish_in` was given an output of type `{}`, and the handler of `{}` returns another",
                std::any::type_name::<T>(),
                descriptor.kind
            )));
        }
        let encoded = stored::encode_output(descriptor, output)?;
        if let Some(encoded) = &encoded {
            let limit = client.storage().settings().payload_limit;
            codec::check_size(encoded, limit, &format!("the output of `{}`", descriptor.kind))?;
        }
        Ok(encoded)
    }

    async fn finish(self) -> Result<()> {
        let Self { context, tx, output } = self;
        let Inner { id, fence, server, descriptor, started, waited, client, notes, finished, .. } = context.inner();
        let output = match output {
            Some(output) => output?,
            None if (descriptor.output_layout)().fingerprint == layout::of::<()>().fingerprint => None,
            None => {
                return Err(Error::config(format!(
                    "the handler of `{}` returns a value; give it to `finish_in` with `.output(&value)`",
                    descriptor.kind
                )));
            }
        };
        // Before they are read, so that nobody writes them once the job is locked.
        notes.ends((*id, *fence));
        let told = notes.told((*id, *fence));
        if !told.is_empty() {
            client.storage().note_within(tx.connection(), *server, told).await?;
        }
        let end = End::Succeeded { output };
        let finish = Finish { job: *id, fence: *fence, end, wait: *waited, run: started.elapsed() };
        // Before the answer, so that nobody takes the end for the loss of the job.
        let before = finished.swap(true, Ordering::AcqRel);
        match client.storage().finish_within(tx.connection(), *server, finish).await {
            Ok(Accepted::Yes) => Ok(()),
            Ok(Accepted::Again) => Err(Error::config(format!(
                "job {id} has been ended by this run already; call `finish_in` once, right before the commit"
            ))),
            Ok(Accepted::Locked) => {
                finished.store(before, Ordering::Release);
                Err(Error::Locked(format!("another transaction keeps job {id} locked")))
            }
            Ok(Accepted::Stale) => {
                finished.store(before, Ordering::Release);
                Err(Error::Taken(*id))
            }
            Err(error) => {
                finished.store(before, Ordering::Release);
                Err(error)
            }
        }
    }
}

impl<'t> IntoFuture for FinishIn<'t> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'t, Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}
