//! The storage of operations over any engine: which write or read each call is.

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    engine::{Backend, Engine},
    operation::{self, Refused},
};
use crate::{
    OperationId,
    error::{Error, Result},
    storage::{JobFilter, Matching, Operated, OperationFilter, OperationRecord, OperationStorage},
};

#[async_trait]
impl<B: Backend> OperationStorage for Engine<B> {
    async fn operation_step(&self, mut limit: u32) -> Result<Operated> {
        let refused = Refused::default();
        loop {
            let met = refused.clone();
            let step = self.0.write("carrying out an operation", move |write| {
                let refused = met.clone();
                async move { operation::step(write, limit, &refused).await }.boxed()
            });
            match step.await {
                // Others were first again and again, or keep a job locked: with fewer jobs at once there are fewer to wait for.
                Err(Error::Locked(_)) if limit > 1 => limit = (limit / 10).max(1),
                // One job harms no other: the step begins anew, and leaves that one alone.
                Err(error) if !error.is_transient() && refused.note(error.to_string()) => {}
                done => return done,
            }
        }
    }

    async fn operation_get(&self, id: OperationId) -> Result<Option<OperationRecord>> {
        self.0.read("reading an operation", move |read| operation::get(read, id).boxed()).await
    }

    async fn operation_list(&self, filter: OperationFilter) -> Result<Vec<OperationRecord>> {
        self.0.read("listing operations", move |read| async move { operation::list(read, &filter).await }.boxed()).await
    }

    async fn job_count(&self, filter: JobFilter, limit: u32) -> Result<Matching> {
        filter.check_all()?;
        self.0
            .read("counting jobs that match", move |read| {
                async move { operation::count(read, &filter, limit).await }.boxed()
            })
            .await
    }
}
