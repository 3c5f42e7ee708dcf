//! The handler as a `tower` service, with the server's layers round it.

use std::task::{Context, Poll};

use tower::{Service, util::BoxCloneSyncService};

use crate::{
    job::{Failure, RunFuture, Success},
    run::Run,
};

/// What runs an attempt: the handler inside the layers.
pub(crate) type RunService = BoxCloneSyncService<Run, Success, Failure>;

/// The innermost service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Handler;

impl Service<Run> for Handler {
    type Response = Success;
    type Error = Failure;
    type Future = RunFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, run: Run) -> RunFuture {
        (run.descriptor().run)(run)
    }
}
