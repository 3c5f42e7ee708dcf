//! Does what an operator tells this server; the looks bring it.

use crate::{
    server::{shared::Shared, stage::Stage},
    storage::Orders,
};

pub(crate) fn obey(shared: &Shared, Orders { stop, workers }: Orders) {
    // Nothing, where the row was swept during an outage: then the number stays as it is.
    let workers = workers.and_then(|workers| usize::try_from(workers).ok()).filter(|workers| *workers > 0);
    if let Some(workers) = workers.filter(|workers| *workers != shared.slots.total()) {
        tracing::info!(from = shared.slots.total(), to = workers, "told to run another number of jobs at once");
        shared.slots.resize(workers);
    }
    if stop && shared.stages.now() < Stage::Draining {
        tracing::info!("told to stop");
        shared.stages.advance(Stage::Draining);
    }
}
