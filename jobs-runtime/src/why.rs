//! Why a job is not running: an ordered list of reasons, worked out of facts. Pure: no clock, no storage, and no words, which pages find
//! in the reader's language.

use jiff::Timestamp;

use crate::{
    BatchId, ServerId, State,
    flow::{BatchState, Condition, NodeId},
    storage::{BatchRecord, Input, JobRecord, Pause, PauseTarget, ServerRecord},
};

/// One thing that keeps a job from running, or tells that nothing does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It has ended and does not run any more.
    Ended {
        /// How.
        state: State,
        /// When.
        at: Option<Timestamp>,
        /// Whether it failed after as many attempts as it may have.
        used_up: bool,
    },
    /// It runs, or its server is about to start it.
    Running {
        /// Where.
        server: Option<ServerId>,
        /// When it was claimed.
        since: Option<Timestamp>,
    },
    /// The server that runs it has lost its lease: the job is put back within moments of the lease's end.
    ServerLost {
        /// Which.
        server: ServerId,
        /// Until when its lease was valid.
        lease_until: Timestamp,
    },
    /// An operator has asked it to stop; its handler decides.
    CancelRequested,
    /// It waits for its time.
    Scheduled {
        /// For when.
        until: Timestamp,
        /// Whether an attempt has failed and this is the wait before the next.
        retry: bool,
    },
    /// Its time has come, and it becomes runnable within moments, as long as any server lives.
    Due {
        /// Since when.
        since: Timestamp,
    },
    /// It waits for a job or a batch.
    Parent {
        /// For which.
        parent: NodeId,
        /// How it must end.
        condition: Condition,
    },
    /// Its batch holds it back.
    Held {
        /// Which.
        batch: BatchId,
        /// Where the batch stands; `None` where it is gone.
        state: Option<BatchState>,
        /// Whether all its members were stored: before that none is let go.
        sealed: bool,
        /// Whether it was cancelled: its members are then deleted.
        cancelled: bool,
    },
    /// It is no longer worth starting: who claims it deletes it.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Its queue, its kind, or a server that would run it is paused. A server's pause is told only where every server that would run it is
    /// paused.
    Paused(Pause),
    /// No server lives.
    NoServer,
    /// Of the live servers none reads its queue.
    NoServerForQueue {
        /// How many there are.
        servers: usize,
    },
    /// Of the live servers that read its queue none can run its kind.
    NoServerForKind {
        /// How many read its queue.
        servers: usize,
    },
    /// Every server that would run it is about to stop.
    Stopping {
        /// How many they are.
        servers: usize,
    },
    /// It is set aside, and comes back as soon as its kind can be run and is not paused.
    Parked,
    /// A server died while it ran: it is claimed alone, one such job at a time on a server.
    Suspect {
        /// How often.
        crashes: u16,
    },
    /// Every server that would run it runs as many jobs as it can.
    Busy {
        /// How many jobs they run.
        running: u64,
        /// How many they can run.
        workers: u64,
    },
    /// Runnable jobs of its queue go first.
    Ahead {
        /// No more than so many: all runnable jobs of its queue but itself, whatever their priority and age.
        at_most: u64,
    },
    /// Nothing keeps it: a server takes it with its next claim.
    Soon,
}

/// What is known of a job and of the servers, all read at about one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'f> {
    pub(crate) now: Timestamp,
    pub(crate) job: &'f JobRecord,
    /// Its parents.
    pub(crate) inputs: &'f [Input],
    /// Its batch, if that is stored.
    pub(crate) batch: Option<&'f BatchRecord>,
    /// All pauses in force.
    pub(crate) pauses: &'f [Pause],
    /// All servers.
    pub(crate) servers: &'f [ServerRecord],
    /// How many jobs of its queue are runnable, itself among them.
    pub(crate) runnable: i64,
}

/// The reasons, what comes first first. There is always one.
pub(crate) fn reasons(facts: &Facts<'_>) -> Vec<Reason> {
    let job = facts.job;
    let mut reasons = match job.state {
        State::Succeeded | State::Failed | State::Deleted => return vec![ended(job)],
        State::Processing => return running(facts),
        State::Scheduled if job.due_at <= facts.now => vec![Reason::Due { since: job.due_at }],
        State::Scheduled => vec![Reason::Scheduled { until: job.due_at, retry: job.attempt > 0 }],
        State::Awaiting => waits(facts),
        State::Enqueued => Vec::new(),
    };
    reasons.extend(job.expires_at.filter(|at| *at <= facts.now).map(|at| Reason::Expired { at }));
    reasons.extend(facts.pauses.iter().filter(|pause| concerns(pause, job)).cloned().map(Reason::Paused));
    let able = able(facts, &mut reasons);
    if job.state != State::Enqueued {
        return reasons;
    }
    if job.parked {
        reasons.push(Reason::Parked);
    }
    if job.crashes > 0 {
        reasons.push(Reason::Suspect { crashes: job.crashes });
    }
    let held = reasons.iter().any(|reason| !matches!(reason, Reason::Suspect { .. }));
    if !held {
        let sum = |number: fn(&ServerRecord) -> u32| able.iter().map(|server| u64::from(number(server))).sum();
        let (running, workers): (u64, u64) = (sum(|server| server.info.running), sum(|server| server.info.workers));
        if running >= workers {
            reasons.push(Reason::Busy { running, workers });
        }
    }
    let ahead = u64::try_from(facts.runnable - i64::from(!job.parked)).unwrap_or(0);
    if ahead > 0 {
        reasons.push(Reason::Ahead { at_most: ahead });
    }
    if reasons.is_empty() {
        reasons.push(Reason::Soon);
    }
    reasons
}

fn ended(job: &JobRecord) -> Reason {
    let used_up = job.state == State::Failed && job.attempt >= job.max_attempts;
    Reason::Ended { state: job.state, at: job.finished_at, used_up }
}

fn running(facts: &Facts<'_>) -> Vec<Reason> {
    let job = facts.job;
    let server = job.server.and_then(|id| facts.servers.iter().find(|server| server.id == id));
    let mut reasons = match server {
        Some(server) if !server.alive => {
            vec![Reason::ServerLost { server: server.id, lease_until: server.lease_until }]
        }
        _ => vec![Reason::Running { server: job.server, since: job.started_at }],
    };
    if job.cancel_requested {
        reasons.push(Reason::CancelRequested);
    }
    reasons
}

/// The parents that have not ended; where there are none, its batch.
fn waits(facts: &Facts<'_>) -> Vec<Reason> {
    let open = facts.inputs.iter().filter(|input| input.ending.is_none());
    let mut reasons: Vec<_> =
        open.map(|input| Reason::Parent { parent: input.parent, condition: input.condition }).collect();
    let has_started = |batch: &BatchRecord| batch.started_at.is_some();
    if let Some(batch) = facts.job.batch
        && (reasons.is_empty() || !facts.batch.is_some_and(has_started))
    {
        reasons.push(Reason::Held {
            batch,
            state: facts.batch.map(|batch| batch.state),
            sealed: facts.batch.is_none_or(|batch| batch.sealed),
            cancelled: facts.batch.is_some_and(|batch| batch.cancelled),
        });
    }
    reasons
}

/// Whether the pause keeps every server from the job.
fn concerns(pause: &Pause, job: &JobRecord) -> bool {
    match &pause.target {
        PauseTarget::Queue(queue) => **queue == *job.queue,
        PauseTarget::Kind(kind) => **kind == *job.kind,
        PauseTarget::Recurring(_) | PauseTarget::Server(_) => false,
    }
}

/// The servers that would run the job, and why there are none.
fn able<'f>(facts: &Facts<'f>, reasons: &mut Vec<Reason>) -> Vec<&'f ServerRecord> {
    let live: Vec<_> = facts.servers.iter().filter(|server| server.alive).collect();
    let reads = |server: &ServerRecord| server.info.queues.contains(&facts.job.queue);
    let readers: Vec<_> = live.iter().copied().filter(|server| reads(server)).collect();
    let able: Vec<_> = readers.iter().copied().filter(|server| server.kinds.contains(&facts.job.kind)).collect();
    let active: Vec<_> = able.iter().copied().filter(|server| !server.info.stopping && !server.orders.stop).collect();
    let free: Vec<_> = active.iter().copied().filter(|server| server.pause.is_none()).collect();
    if live.is_empty() {
        reasons.push(Reason::NoServer);
    } else if readers.is_empty() {
        reasons.push(Reason::NoServerForQueue { servers: live.len() });
    } else if able.is_empty() {
        reasons.push(Reason::NoServerForKind { servers: readers.len() });
    } else if active.is_empty() {
        reasons.push(Reason::Stopping { servers: able.len() });
    } else if free.is_empty() {
        reasons.extend(active.iter().filter_map(|server| server.pause.clone()).map(Reason::Paused));
    }
    free
}

#[cfg(test)]
mod tests;
