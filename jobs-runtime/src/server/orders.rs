//! Hears each second what an operator tells this server, and obeys.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    server::{
        outage::{Outage, driven},
        shared::Shared,
        stage::Stage,
    },
    storage::Orders,
};

const PERIOD: Duration = Duration::from_secs(1);

/// Asks until the task is dropped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut outage = Outage::new("ask what this server is told");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (storage, server) = (shared.storage().clone(), shared.id);
        match driven("ask what this server is told", async move { storage.server_orders(server).await }).await {
            Ok(orders) => {
                outage.recovered();
                obey(&shared, orders);
            }
            // The next tick asks again.
            Err(error) => {
                outage.failed(&error);
            }
        }
    }
}

fn obey(shared: &Shared, Orders { stop, workers }: Orders) {
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
