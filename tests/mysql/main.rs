//! What is MySQL's and MariaDB's own: rights and versions, killed connections, isolation, deadlocks.

#![cfg(feature = "mysql")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

mod bad_input;
mod broken;
mod database;
mod deadlock;
#[path = "../common/flows.rs"]
mod flow_races;
mod flows;
mod migrate;
mod serve;
mod viewer;
mod within;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jobs::{Due, JobId, NewJob, OnExhausted, ServerId};
use jobs_runtime::storage::{self, Beat, ClaimRequest, ServerInfo, Settings, SharedStorage};

use database::Database;

const KIND: &str = "shop::mail::send";
const QUEUE: &str = "default";
const LEASE: Duration = Duration::from_secs(60);

async fn open(database: &Database) -> SharedStorage {
    storage::open(&database.url(), Settings::default()).await.unwrap()
}

fn job() -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: KIND.into(),
        queue: QUEUE.into(),
        priority: 0,
        payload: b"args".to_vec(),
        due: Due::Now,
        max_attempts: 10,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        expires: None,
        retain: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    }
}

fn beat(server: ServerId) -> Beat {
    let info = ServerInfo {
        name: "host:1".into(),
        version: "1".into(),
        queues: vec![QUEUE.into()],
        workers: 1,
        running: 0,
        lost: 0,
        stopping: false,
    };
    Beat { server, lease: LEASE, info, kinds: Arc::new([KIND.into()]), recurring: Arc::new([]) }
}

fn ask(server: ServerId, slots: usize) -> ClaimRequest {
    ClaimRequest {
        server,
        queues: vec![QUEUE.into()],
        kinds: Arc::new([KIND.into()]),
        slots,
        prefetch: 0,
        slow: Arc::new([]),
        suspects: true,
        beside: false,
    }
}

/// Fails when the tables contradict each other.
async fn assert_sound(storage: &SharedStorage) {
    assert_eq!(storage.check().await.unwrap(), [""; 0]);
}
