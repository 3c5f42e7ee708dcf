//! What all parts of a running server share.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    ServerId,
    client::Client,
    context::States,
    registry::Registry,
    server::{
        flusher::Finishes,
        line::Line,
        live::Live,
        looker::Views,
        means::Means,
        notes::Notes,
        options::Options,
        service::RunService,
        slots::Slots,
        stage::{Stage, Stages},
    },
    storage::{Beat, Finish, ServerInfo, SharedStorage},
};

/// The facts and the counters of one running server.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) id: ServerId,
    pub(crate) client: Client,
    pub(crate) options: Options,
    pub(crate) registry: Registry,
    /// The names of the kinds that it runs, aliases among them.
    pub(crate) kinds: Arc<[Arc<str>]>,
    /// The ids of the recurring jobs that its code declares.
    pub(crate) recurring: Arc<[Arc<str>]>,
    pub(crate) states: States,
    /// The layers round the handlers, where there are any.
    pub(crate) service: Option<RunService>,
    pub(crate) stages: Stages,
    pub(crate) live: Live,
    pub(crate) slots: Slots,
    pub(crate) line: Line,
    pub(crate) means: Means,
    pub(crate) notes: Arc<Notes>,
    pub(crate) finishes: Finishes,
    /// How many hints of work had come when the last claim that found nothing began; 0 while there may be work.
    pub(crate) nothing_at: AtomicU64,
    /// What the looks tell.
    pub(crate) views: Views,
}

impl Shared {
    pub(crate) fn storage(&self) -> &SharedStorage {
        self.client.storage()
    }

    /// Hands an outcome to the flusher.
    pub(crate) fn finish(&self, finish: Finish) {
        let key = (finish.job, finish.fence);
        self.finishes.push(finish);
        // Only now: who sees that nothing runs any more lets the flusher store what it has and end.
        self.live.end(key);
    }

    /// The hints of work so far, from 1.
    pub(crate) fn hints(&self) -> u64 {
        self.storage().hub().on_work().borrow().wrapping_add(1)
    }

    /// Whether it holds no job and its last look, after the last hint, found none.
    pub(crate) fn is_idle(&self) -> bool {
        self.live.is_empty() && self.has_found_nothing() && self.live.is_empty()
    }

    /// Whether its last look, after the last hint, found no job.
    pub(crate) fn has_found_nothing(&self) -> bool {
        self.nothing_at.load(Ordering::Acquire) == self.hints()
    }

    /// What the server says with its next beat.
    pub(crate) fn beat(&self) -> Beat {
        let info = ServerInfo {
            name: self.options.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            queues: self.options.queues.names().iter().map(|name| name.to_string()).collect(),
            workers: count(self.slots.total()),
            running: count(self.slots.taken()),
            lost: count(self.slots.lost()),
            stopping: self.stages.now() > Stage::Running,
        };
        Beat {
            server: self.id,
            lease: self.options.lease,
            info,
            kinds: self.kinds.clone(),
            recurring: self.recurring.clone(),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
