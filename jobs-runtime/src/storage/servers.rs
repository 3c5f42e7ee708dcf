//! The noun *server*: leases and what each server says of itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Result, ServerId,
    storage::{Look, Outlook, Pause},
};

/// What a server says of itself with every beat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The host and process, for people: never used to tell servers apart.
    pub name: String,
    /// The version of this library.
    pub version: String,
    /// The queues that it reads, in order.
    pub queues: Vec<String>,
    /// How many jobs it can run at once.
    pub workers: u32,
    /// How many it runs now.
    pub running: u32,
    /// How many of them were told to end and did not, and hold their slots.
    #[serde(default)]
    pub lost: u32,
    /// Whether it has begun to stop.
    pub stopping: bool,
}

/// A server as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRecord {
    /// The server.
    pub id: ServerId,
    /// What it said last.
    pub info: ServerInfo,
    /// The kinds that it can run.
    pub kinds: Vec<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last renewed its lease.
    pub beat_at: Timestamp,
    /// When its lease ends.
    pub lease_until: Timestamp,
    /// Whether its lease is valid now, by the database's clock.
    pub alive: bool,
    /// The recurring jobs that its code declares.
    pub recurring: Vec<String>,
    /// The pause that keeps it from claiming.
    pub pause: Option<Pause>,
    /// What it has been told and has not yet been seen to have done.
    pub orders: Orders,
}

/// What an operator tells a server; it looks each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Stop as on SIGTERM: finish what runs, give back the rest, end.
    Stop,
    /// Run so many jobs at once from now on, at least 1.
    Resize(u32),
}

/// What a server has been told, all signals together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Whether it is to stop.
    pub stop: bool,
    /// How many jobs it is to run at once, where that is not what it was started with.
    pub workers: Option<u32>,
}

/// One renewal of a lease.
#[derive(Clone, Debug)]
pub struct Beat {
    /// Who renews.
    pub server: ServerId,
    /// For how long, from now by the database's clock.
    pub lease: Duration,
    /// What it says of itself.
    pub info: ServerInfo,
    /// The kinds that it can run.
    pub kinds: Arc<[Arc<str>]>,
    /// The recurring jobs that its code declares.
    pub recurring: Arc<[Arc<str>]>,
}

/// A connection of its own for renewing a lease, used from a thread of its own, so that neither a busy pool nor a job that
/// blocks the runtime can delay a beat.
#[async_trait]
pub trait Heart: Send {
    /// Stores the beat; makes the server's row where there is none. Returns the database's time.
    async fn beat(&mut self, beat: &Beat) -> Result<Timestamp>;
}

/// Storage of servers.
#[async_trait]
pub trait ServerStorage: Send + Sync {
    /// Opens a connection for beats; call it on the runtime that will use it.
    async fn heart(&self) -> Result<Box<dyn Heart>>;

    /// Ends a server's lease at once and removes its row if it holds no chunk.
    async fn server_retire(&self, server: ServerId) -> Result<()>;

    /// Tells a server something, for its next [look](Self::server_look). Returns whether there is such a server.
    async fn server_signal(&self, server: ServerId, signal: Signal) -> Result<bool>;

    /// What the server has been told, and what there is to do for it: one statement, of which nobody waits for a lock. What was
    /// committed before the call is seen.
    async fn server_look(&self, look: Look) -> Result<Outlook>;

    /// All servers, oldest first; those without a valid lease too, until they are swept.
    async fn server_list(&self) -> Result<Vec<ServerRecord>>;

    /// Removes the rows of servers that have neither a valid lease nor a chunk. Returns how many.
    async fn server_sweep(&self) -> Result<u64>;
}
