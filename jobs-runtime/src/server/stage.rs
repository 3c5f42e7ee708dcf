//! How far a server is on its way from running to stopped.

use tokio::sync::watch;

/// Each stage includes the ones before it; a server never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Claims and runs.
    Running,
    /// Claims nothing more; what runs goes on.
    Quiet,
    /// Gives back what has not started and waits for what runs.
    Draining,
    /// Waits for nothing any more.
    Stopping,
}

/// Moves a server on; shared by its handle, its signals and its parts.
#[derive(Clone, Debug)]
pub(crate) struct Stages(watch::Sender<Stage>);

impl Stages {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Stage::Running))
    }

    /// Goes to `stage` unless the server is there or further.
    pub(crate) fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let moves = *now < stage;
            *now = (*now).max(stage);
            moves
        });
    }

    pub(crate) fn now(&self) -> Stage {
        *self.0.borrow()
    }

    pub(crate) fn listen(&self) -> watch::Receiver<Stage> {
        self.0.subscribe()
    }

    /// Resolves when the server is at `stage` or further.
    pub(crate) async fn reached(&self, stage: Stage) {
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|now| *now >= stage).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_never_goes_back() {
        let stages = Stages::new();
        stages.advance(Stage::Draining);
        stages.advance(Stage::Quiet);
        assert_eq!(stages.now(), Stage::Draining);
    }
}
