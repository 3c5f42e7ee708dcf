//! The handle of a server that runs.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::{
    ServerId,
    server::{shared::Shared, stage::Stage},
};

/// A server that runs in the background: made by [`Server::start`](crate::Server::start).
///
/// Dropping it tells the server to stop gracefully, without waiting for it.
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct RunningServer {
    shared: Arc<Shared>,
    supervisor: JoinHandle<()>,
}

impl RunningServer {
    pub(crate) fn new(shared: Arc<Shared>, supervisor: JoinHandle<()>) -> Self {
        Self { shared, supervisor }
    }

    /// The server: another one at each start.
    pub fn id(&self) -> ServerId {
        self.shared.id
    }

    /// Stops claiming. Jobs that are claimed run to their end; [`stop`](Self::stop) is still to be called.
    pub fn quiet(&self) {
        self.shared.stages.advance(Stage::Quiet);
    }

    /// Whether the server holds no job and its last look, after the last hint of work in this process, found none.
    ///
    /// It is a fact of this moment: a job may become due, or come from another process, right after. Jobs that wait for a later
    /// time, retries among them, do not count.
    pub fn is_idle(&self) -> bool {
        self.shared.is_idle()
    }

    /// How many jobs run, those whose slot is lost among them.
    pub fn running(&self) -> usize {
        self.shared.slots.taken()
    }

    /// How many slots are held by handlers that were told to end and did not: code that neither awaits nor looks at
    /// [`JobContext::is_cancelled`](crate::JobContext::is_cancelled).
    pub fn lost_slots(&self) -> usize {
        self.shared.slots.lost()
    }

    /// Stops gracefully: claims nothing more, hands back what has not started, waits for what runs up to the
    /// [grace](crate::Server::grace), then cancels it and hands it back after 5 seconds at most, charging no attempt. All
    /// results are stored before it returns, unless the database is away.
    ///
    /// # Cancel safety
    /// The server goes on stopping in the background.
    pub async fn stop(self) {
        self.shared.stages.advance(Stage::Draining);
        self.wait().await;
    }

    /// Stops without a grace: what runs is cancelled and handed back at once.
    ///
    /// # Cancel safety
    /// The server goes on stopping in the background.
    pub async fn stop_now(self) {
        self.hurry();
        self.wait().await;
    }

    /// Makes a stop that is on its way wait for nothing more.
    pub(crate) fn hurry(&self) {
        self.shared.stages.advance(Stage::Stopping);
    }

    /// Begins to stop gracefully.
    pub(crate) fn drain(&self) {
        self.shared.stages.advance(Stage::Draining);
    }

    /// Waits until the server has stopped.
    pub(crate) async fn wait(mut self) {
        // The supervisor neither panics nor is aborted; if it did, the server has stopped too.
        let _ = (&mut self.supervisor).await;
    }

    /// Resolves when the server begins to stop, whoever told it to.
    pub(crate) async fn told_to_stop(&self) {
        self.shared.stages.reached(Stage::Draining).await;
    }

    /// Waits until the server has stopped, whoever told it to: [`ServerRef::stop`](crate::ServerRef::stop) does so from
    /// elsewhere.
    ///
    /// # Cancel safety
    /// Dropping the future and calling again misses nothing.
    pub async fn stopped(&mut self) {
        if !self.supervisor.is_finished() {
            let _ = (&mut self.supervisor).await;
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.drain();
    }
}
