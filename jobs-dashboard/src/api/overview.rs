//! How things are, and how many jobs there are.

use axum::extract::State as Shares;
use jobs_runtime::storage::ServerRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Json, words::State};
use crate::{
    live::{Pulse, Range},
    page::overview::{Ended, Health, Problem as Trouble},
    shared::Shared,
    web::{Fault, Visit},
};

/// How things are.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    /// Whether nothing needs attention.
    healthy: bool,
    /// What needs attention, the worst first.
    problems: Vec<Attention>,
    /// How many jobs there are in each state, in the queues that the caller sees.
    states: Vec<Count>,
    /// The same for each queue and kind.
    totals: Vec<Total>,
    /// The servers together; null where the caller sees only some queues.
    servers: Option<Fleet>,
}

/// Something that needs attention. The field `code` tells what.
#[derive(Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum Attention {
    /// Jobs wait, and no server lives.
    NoServer { waiting: i64 },
    /// Jobs wait in a queue that no server reads.
    NobodyReads { queue: String, waiting: i64 },
    /// Of the jobs that ended in the last hour, many failed.
    Failing { failed: i64, ended: i64 },
    /// The lease of a server has ended.
    LostServer { name: String },
    /// Jobs were told to end and did not, and hold slots of a server.
    LostSlots { name: String, slots: i64 },
    /// Live servers run different versions of the library.
    Versions { versions: Vec<String> },
}

impl From<&Trouble<'_>> for Attention {
    fn from(trouble: &Trouble<'_>) -> Self {
        match trouble {
            Trouble::NoServer { waiting } => Self::NoServer { waiting: *waiting },
            Trouble::NobodyReads { queue, waiting } => {
                Self::NobodyReads { queue: (*queue).to_owned(), waiting: *waiting }
            }
            Trouble::Failing { failed, ended } => Self::Failing { failed: *failed, ended: *ended },
            Trouble::LostServer { name } => Self::LostServer { name: (*name).to_owned() },
            Trouble::LostSlots { name, slots } => Self::LostSlots { name: (*name).to_owned(), slots: *slots },
            Trouble::Versions { versions } => {
                Self::Versions { versions: versions.iter().map(|version| (*version).to_owned()).collect() }
            }
        }
    }
}

/// How many jobs are in a state.
#[derive(Serialize, ToSchema)]
struct Count {
    state: State,
    jobs: i64,
}

/// How many jobs of one queue and kind are in a state.
#[derive(Serialize, ToSchema)]
struct Total {
    queue: String,
    kind: String,
    state: State,
    jobs: i64,
}

/// The live servers together.
#[derive(Serialize, ToSchema)]
struct Fleet {
    alive: u64,
    /// How many jobs they can run at once.
    workers: u64,
    running: u64,
}

impl Fleet {
    fn of(pulse: &Pulse) -> Self {
        let sum = |of: fn(&ServerRecord) -> u64| pulse.alive().map(of).sum();
        Self {
            alive: sum(|_| 1),
            workers: sum(|server| server.info.workers.into()),
            running: sum(|server| server.info.running.into()),
        }
    }
}

/// How things are: what needs attention, and how many jobs there are.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    tag = "overview",
    responses((status = 200, description = "How things are", body = Overview)),
)]
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Json<Overview>, Fault> {
    let pulse = shared.live.pulse().await?;
    let hour = shared.live.stats(Range::Hour, visit.now).await?;
    let problems: Vec<Attention> = match Health::of(&pulse, &visit.gate, &Ended::of(&hour, &visit)) {
        Health::Good { .. } => Vec::new(),
        Health::Troubled(problems) => problems.iter().map(Into::into).collect(),
    };
    let states = pulse.states(&visit.gate).into_iter();
    let seen = pulse.totals.iter().filter(|total| total.jobs != 0 && visit.gate.sees(&total.queue));
    Ok(Json(Overview {
        healthy: problems.is_empty(),
        problems,
        states: states.map(|(state, jobs)| Count { state: state.into(), jobs }).collect(),
        totals: seen
            .map(|total| Total {
                queue: total.queue.clone(),
                kind: total.kind.clone(),
                state: total.state.into(),
                jobs: total.jobs,
            })
            .collect(),
        servers: visit.gate.sees_all().then(|| Fleet::of(&pulse)),
    }))
}
