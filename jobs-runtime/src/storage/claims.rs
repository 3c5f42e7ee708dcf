//! The noun *claim*: taking jobs, ending their attempts, rescuing those of dead servers.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{BatchId, Fence, JobId, Result, ServerId, job::OnExhausted, storage::TxConnection};

/// What a server asks for.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// Who asks; its lease must be valid.
    pub server: ServerId,
    /// The queues to look into, in this order; a later one is looked into when the earlier are empty.
    pub queues: Vec<Arc<str>>,
    /// The kinds that it can run.
    pub kinds: Arc<[Arc<str>]>,
    /// How many jobs it can start at once.
    pub slots: usize,
    /// How many more it takes to start soon: not of kinds in `slow`, and not jobs that may be run only once.
    pub prefetch: usize,
    /// The kinds that are never prefetched because their runs are long.
    pub slow: Arc<[Arc<str>]>,
    /// Whether it may take a suspect: it must not hold one already.
    pub suspects: bool,
    /// Whether the server has another claim on its way; then this one does not wait for that, and may see less than there is.
    pub beside: bool,
}

/// Jobs claimed together, under one fence.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Guards every write about these jobs.
    pub fence: Fence,
    /// When, by the database's clock.
    pub claimed_at: Timestamp,
    /// Whether it holds one job that a server died with before.
    pub suspect: bool,
    /// The jobs, in claim order.
    pub jobs: Vec<ClaimedJob>,
}

/// What a server needs to know of a job in order to run it.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    /// The job.
    pub id: JobId,
    /// Its kind's name.
    pub kind: Arc<str>,
    /// Its queue's name.
    pub queue: Arc<str>,
    /// Greater goes first.
    pub priority: i16,
    /// The args with their header.
    pub payload: Vec<u8>,
    /// The number of this attempt, from 1.
    pub attempt: u16,
    /// How many attempts it may have.
    pub max_attempts: u16,
    /// How often a server died while it held the job.
    pub crashes: u16,
    /// When the database stored it.
    pub created_at: Timestamp,
    /// When it became runnable.
    pub due_at: Timestamp,
    /// Whether its time to start had passed when it was claimed.
    pub expired: bool,
    /// Whether an operator has asked it to stop.
    pub cancel_requested: bool,
    /// What becomes of it when the attempts are used up.
    pub on_exhausted: OnExhausted,
    /// How long this attempt may take.
    pub timeout: Option<Duration>,
    /// The caller's own facts about it.
    pub meta: BTreeMap<String, String>,
    /// The caller's own labels for it.
    pub tags: Vec<String>,
    /// The recurring job and the occurrence that made it.
    pub recurring: Option<(String, Timestamp)>,
    /// The batch that it is a member of.
    pub batch: Option<BatchId>,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The job.
    pub job: JobId,
    /// The fence of the chunk that it was claimed in.
    pub fence: Fence,
    /// What becomes of it.
    pub end: End,
    /// From its due time to its start, for the statistics.
    pub wait: Duration,
    /// From its start to its end, for the statistics; zero where it ended without a run, which is not counted.
    pub run: Duration,
}

/// What becomes of a job whose attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It succeeded.
    Succeeded {
        /// What it returned, with the header.
        output: Option<Vec<u8>>,
    },
    /// It is run again.
    Retry {
        /// After so long, by the database's clock.
        delay: Duration,
        /// The error and its causes.
        error: String,
    },
    /// It is not run again.
    Failed {
        /// The error and its causes.
        error: String,
        /// Whether this attempt failed by an error of the handler's, so that the history gets an entry for it.
        attempted: bool,
    },
    /// It ends `deleted`.
    Deleted {
        /// Why: cancelled, expired, attempts used up.
        reason: String,
        /// The error of the attempt, where there was one.
        error: Option<String>,
    },
    /// It is run later, and the attempt does not count.
    Snoozed {
        /// After so long, by the database's clock.
        delay: Duration,
    },
    /// It goes back unstarted or because the server stops, and the attempt does not count.
    HandedBack,
}

/// Whether a finish was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    Yes,
    /// The server had no right over the job any more: it was rescued, deleted or requeued. Nothing was changed.
    Stale,
    /// It was final already by this very write, whose answer was lost. Nothing was changed.
    Again,
    /// Another transaction keeps the job or its chunk locked. Nothing was changed; it is to be sent again.
    Locked,
}

/// A running job that its server must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The job.
    pub job: JobId,
    /// The fence of the chunk that it was claimed in.
    pub fence: Fence,
    /// Why.
    pub why: Revocation,
}

/// Why a running job must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The server has lost its right: the result will be dropped.
    Lost,
    /// An operator asks the handler to stop; the result still counts.
    Cancel,
}

/// Something that a running handler tells about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The job.
    pub job: JobId,
    /// The fence of the chunk that it was claimed in.
    pub fence: Fence,
    /// The attempt, from 1.
    pub attempt: u16,
    /// What it tells.
    pub what: NoteKind,
}

/// What a [`Note`] tells.
#[derive(Clone, Debug, PartialEq)]
pub enum NoteKind {
    /// How far it is, from 0 to 1, and in words; replaces the one before.
    Progress(f64, String),
    /// A line for its history.
    Log(String),
}

/// What a rescue did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Put back to be run again.
    pub requeued: u64,
    /// Failed, because servers died with it too often or its attempts were used up.
    pub failed: u64,
}

/// Storage of claims.
#[async_trait]
pub trait ClaimStorage: Send + Sync {
    /// Takes jobs in claim order (queue, then priority, then id), in one transaction: no other server gets them. At most one
    /// chunk of ordinary jobs and one with a single suspect.
    ///
    /// A crash after the commit leaves them claimed by a server whose lease will end, so that they are rescued.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) and its like; an invalid lease gives no jobs and no error.
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>>;

    /// Ends attempts, each guarded by its fence: only a job that is live in its chunk is changed. Its final write, its
    /// history, the statistics and everything that hangs on it are one transaction; jobs are independent of each other.
    /// The answers are in the order of the call.
    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>>;

    /// Ends one attempt inside a transaction that belongs to the handler: the end and the handler's own writes are committed
    /// together or not at all. [`Accepted::Stale`]: the server has lost its right, and the handler must roll back. The
    /// ordinary finish that follows the commit is answered [`Accepted::Again`].
    async fn finish_within(&self, tx: TxConnection<'_>, server: ServerId, end: Finish) -> Result<Accepted>;

    /// Of these running jobs, those that must stop.
    async fn revoked(&self, server: ServerId, running: Vec<(JobId, Fence)>) -> Result<Vec<Revoked>>;

    /// Stores what running handlers tell; of a job that is not live, nothing.
    async fn note(&self, server: ServerId, notes: Vec<Note>) -> Result<()>;

    /// [`note`](Self::note) inside a transaction that belongs to the handler, for what it told before it
    /// [ends its job](Self::finish_within) there.
    async fn note_within(&self, tx: TxConnection<'_>, server: ServerId, notes: Vec<Note>) -> Result<()>;

    /// The chunks that this server holds, so that it can give back what it does not know (a claim whose answer was lost).
    async fn claims_of(&self, server: ServerId) -> Result<Vec<(Fence, Vec<JobId>)>>;

    /// Hands back, uncharged, whatever the server still holds: for the end of a clean stop, after which nobody else would know
    /// that those jobs never started. Returns how many.
    ///
    /// A crash before the commit leaves them to be rescued.
    async fn claims_release(&self, server: ServerId) -> Result<u64>;

    /// The chunks whose server has no valid lease now.
    async fn rescue_candidates(&self) -> Result<Vec<Fence>>;

    /// Puts the live jobs of these chunks back, if their server still has no valid lease: the attempt counts and so does the
    /// crash. A job fails with "crashed" at `crash_limit` crashes, and when its attempts are used up. The first crash of
    /// each counts; further ones only where it was the suspect of its chunk.
    async fn rescue(&self, chunks: Vec<Fence>, crash_limit: u16) -> Result<Rescued>;
}
