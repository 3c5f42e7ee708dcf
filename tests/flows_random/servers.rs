//! The same graphs on servers as applications run them, with a handler that does what each node's plan says.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jobs::{Client, JobContext, JobId, RunningServer, fatal, job, snooze};
use jobs_runtime::{codec, flow::Ending, storage::conformance::Fixture};

use crate::{
    drive::{Drive, Ground, Violation, broken, output},
    judge,
    plan::{Before, Graph, Job},
};

/// How long a graph may take; only one that is stuck takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a handler is to do, and has done.
struct Script {
    node: usize,
    job: Job,
    done: usize,
    runs: u32,
    ends: u32,
}

/// By job, of all graphs that run in this process.
static SCRIPTS: LazyLock<Mutex<HashMap<JobId, Script>>> = LazyLock::new(Mutex::default);

fn scripts() -> MutexGuard<'static, HashMap<JobId, Script>> {
    SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[job(name = "flow.node", backoff = "constant(10ms)")]
async fn node(ctx: &JobContext) -> anyhow::Result<String> {
    let mut scripts = scripts();
    let Some(script) = scripts.get_mut(&ctx.id()) else { return Err(fatal("of no graph")) };
    script.runs += 1;
    let before = script.job.before.get(script.done).copied();
    script.done += 1;
    match before {
        Some(Before::Retry) => Err(anyhow::anyhow!("not yet")),
        Some(Before::Snooze | Before::HandBack) => Err(snooze(Duration::from_millis(10))),
        None => {
            script.ends += 1;
            match script.job.last {
                Ending::Succeeded => Ok(output(script.node)),
                Ending::Failed => Err(fatal("it failed")),
                Ending::Deleted => Err(anyhow::anyhow!("the last attempt")),
            }
        }
    }
}

/// The args of every node.
pub(crate) fn payload() -> Vec<u8> {
    jobs_runtime::private::encode_args(&node::new()).expect("there are none")
}

/// An output as it is stored.
pub(crate) fn read(bytes: &[u8]) -> Option<String> {
    let (header, body) = codec::open(bytes, "the output of a node").ok()?;
    codec::read(header, body, "the output of a node").ok()
}

/// Three servers over one database, each with a client of its own.
pub(crate) async fn start(url: &str) -> jobs::Result<Vec<RunningServer>> {
    let mut running = Vec::new();
    for _ in 0..3 {
        running.push(Client::connect(url).await?.server().workers(4).start().await?);
    }
    Ok(running)
}

/// Runs a graph, which nobody but its plan acts upon.
pub(crate) async fn run(ground: &Ground<impl Fixture>, graph: &Graph) -> Result<(), Violation> {
    let drive = Drive::new(ground, graph, true);
    let jobs: Vec<_> = (0..graph.nodes.len()).filter(|node| graph.is_job(*node)).collect();
    for node in &jobs {
        let script = Script { node: *node, job: graph.job(*node).clone(), done: 0, runs: 0, ends: 0 };
        scripts().insert(drive.job_id(*node), script);
    }
    drive.store_first().await?;
    for round in 0..=drive.last_round() {
        drive.round.set(round);
        drive.act_now().await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begin = Instant::now();
    while !has_ended(&drive).await? && begin.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for node in jobs {
        let Some(script) = scripts().remove(&drive.job_id(node)) else { continue };
        let mut known = drive.known.borrow_mut();
        known[node].runs = script.runs;
        known[node].ends = (0..script.ends).map(|_| (script.job.last, true)).collect();
    }
    judge::judge(&drive).await?;
    drive.check().await
}

/// Whether every job and every batch has come to an end.
async fn has_ended(drive: &Drive<'_, impl Fixture>) -> Result<bool, Violation> {
    let storage = drive.ground.storage();
    for node in 0..drive.graph.nodes.len() {
        let ended = if drive.graph.is_job(node) {
            let job = storage.job_get(drive.job_id(node)).await.map_err(broken("reading a job"))?;
            job.is_none_or(|job| job.state.is_final())
        } else {
            let batch = storage.batch_get(drive.batch_id(node)).await.map_err(broken("reading a batch"))?;
            batch.is_none_or(|batch| batch.state.is_final())
        };
        if !ended {
            return Ok(false);
        }
    }
    Ok(true)
}
