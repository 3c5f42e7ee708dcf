//! Which reasons follow from which facts, and in which order.

use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    Fence, JobId,
    flow::{Counts, Ending},
    job::OnExhausted,
    storage::{Orders, ServerInfo},
};

const QUEUE: &str = "mail";
const KIND: &str = "shop::welcome";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn job(state: State) -> JobRecord {
    JobRecord {
        id: JobId::new(),
        kind: KIND.into(),
        queue: QUEUE.into(),
        priority: 0,
        state,
        parked: false,
        payload: Vec::new(),
        created_at: at(0),
        due_at: at(10),
        expires_at: None,
        started_at: None,
        finished_at: None,
        attempt: 0,
        max_attempts: 5,
        crashes: 0,
        fence: Fence(0),
        server: None,
        on_exhausted: OnExhausted::default(),
        timeout: None,
        retain: None,
        output: None,
        reason: None,
        cancel_requested: false,
        progress: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
    }
}

fn server() -> ServerRecord {
    let info = ServerInfo {
        name: "host:1".into(),
        version: "1.2.3".into(),
        queues: vec!["critical".into(), QUEUE.into()],
        workers: 8,
        running: 3,
        lost: 0,
        stopping: false,
    };
    ServerRecord {
        id: ServerId::new(),
        info,
        kinds: vec![KIND.into()],
        started_at: at(0),
        beat_at: at(0),
        lease_until: at(1_000),
        alive: true,
        recurring: Vec::new(),
        pause: None,
        orders: Orders::default(),
    }
}

fn pause(target: PauseTarget) -> Pause {
    Pause { target, reason: "moving".into(), since: at(1), until: Some(at(500)) }
}

/// The reasons at second 100 where nothing is in the way but what is given.
fn why(job: &JobRecord, pauses: &[Pause], servers: &[ServerRecord]) -> Vec<Reason> {
    reasons(&Facts { now: at(100), job, inputs: &[], batch: None, pauses, servers, runnable: 1 })
}

#[test]
fn what_has_ended_does_not_run_any_more() {
    for (state, attempt, used_up) in [(State::Failed, 5, true), (State::Failed, 1, false), (State::Deleted, 5, false)] {
        let job = JobRecord { attempt, finished_at: Some(at(50)), ..job(state) };
        let expected = [Reason::Ended { state, at: Some(at(50)), used_up }];
        assert_eq!(why(&job, &[pause(PauseTarget::Queue(Arc::from(QUEUE)))], &[]), expected);
    }
}

#[test]
fn what_runs_is_told_with_its_server_and_whether_that_lives() {
    let live = server();
    let dead = ServerRecord { alive: false, ..server() };
    let on = |server: &ServerRecord| JobRecord {
        server: Some(server.id),
        started_at: Some(at(20)),
        ..job(State::Processing)
    };
    let running = Reason::Running { server: Some(live.id), since: Some(at(20)) };
    let expected = [running.clone()];
    assert_eq!(why(&on(&live), &[], &[live.clone(), dead.clone()]), expected);
    let asked = JobRecord { cancel_requested: true, ..on(&live) };
    assert_eq!(why(&asked, &[], &[live]), [running, Reason::CancelRequested]);
    let lost = Reason::ServerLost { server: dead.id, lease_until: at(1_000) };
    assert_eq!(why(&on(&dead), &[], &[dead]), [lost]);
}

#[test]
fn what_waits_for_its_time_is_told_until_when() {
    let later = JobRecord { due_at: at(200), ..job(State::Scheduled) };
    assert_eq!(why(&later, &[], &[server()]), [Reason::Scheduled { until: at(200), retry: false }]);
    let again = JobRecord { attempt: 2, ..later.clone() };
    assert_eq!(why(&again, &[], &[server()]), [Reason::Scheduled { until: at(200), retry: true }]);
    assert_eq!(why(&job(State::Scheduled), &[], &[server()]), [Reason::Due { since: at(10) }]);
    // What would keep it then is told as well.
    let queue = pause(PauseTarget::Queue(Arc::from(QUEUE)));
    let expected =
        [Reason::Scheduled { until: at(200), retry: false }, Reason::Paused(queue.clone()), Reason::NoServer];
    assert_eq!(why(&later, &[queue], &[]), expected);
}

#[test]
fn what_waits_for_others_is_told_for_whom() {
    let (open, ended) = (JobId::new(), JobId::new());
    let input = |parent: JobId, ending| Input {
        parent: parent.into(),
        condition: Condition::Finished,
        ending,
        output: None,
        reason: None,
    };
    let inputs = [input(ended, Some(Ending::Succeeded)), input(open, None)];
    let id = BatchId::new();
    let batch = |started_at: Option<Timestamp>| BatchRecord {
        id,
        description: String::new(),
        parent: None,
        state: if started_at.is_some() { BatchState::Started } else { BatchState::Awaiting },
        sealed: false,
        cancelled: false,
        reason: None,
        created_at: at(0),
        started_at,
        finished_at: None,
        counts: Counts::default(),
    };
    let facts = |job: &JobRecord, inputs: &[Input], batch: Option<&BatchRecord>| {
        reasons(&Facts { now: at(100), job, inputs, batch, pauses: &[], servers: &[server()], runnable: 0 })
    };
    let parent = Reason::Parent { parent: open.into(), condition: Condition::Finished };
    let held = Reason::Held { batch: id, state: Some(BatchState::Awaiting), sealed: false, cancelled: false };
    let (alone, member) = (job(State::Awaiting), JobRecord { batch: Some(id), ..job(State::Awaiting) });
    let expected = [parent.clone()];
    assert_eq!(facts(&alone, &inputs, None), expected);
    assert_eq!(facts(&member, &inputs, Some(&batch(None))), [parent.clone(), held.clone()]);
    assert_eq!(facts(&member, &inputs, Some(&batch(Some(at(5))))), [parent]);
    assert_eq!(facts(&member, &[], Some(&batch(None))), [held]);
}

#[test]
fn what_may_be_claimed_and_has_nothing_in_its_way_runs_soon() {
    assert_eq!(why(&job(State::Enqueued), &[], &[server()]), [Reason::Soon]);
    let elsewhere = [pause(PauseTarget::Queue(Arc::from("other"))), pause(PauseTarget::Kind(Arc::from(QUEUE)))];
    assert_eq!(why(&job(State::Enqueued), &elsewhere, &[server()]), [Reason::Soon], "other pauses do not concern it");
}

#[test]
fn pauses_are_told_of_queue_kind_and_servers() {
    let (queue, kind) = (pause(PauseTarget::Queue(Arc::from(QUEUE))), pause(PauseTarget::Kind(Arc::from(KIND))));
    let both = [queue.clone(), kind.clone()];
    assert_eq!(why(&job(State::Enqueued), &both, &[server()]), both.map(Reason::Paused));
    let quiet = |server: ServerRecord| {
        let pause = pause(PauseTarget::Server(server.id));
        ServerRecord { pause: Some(pause), ..server }
    };
    let servers = [quiet(server()), quiet(server())];
    let pauses: Vec<_> = servers.iter().filter_map(|server| server.pause.clone()).collect();
    let expected: Vec<_> = pauses.iter().cloned().map(Reason::Paused).collect();
    assert_eq!(why(&job(State::Enqueued), &pauses, &servers), expected, "all servers are paused");
    assert_eq!(why(&job(State::Enqueued), &pauses, &[quiet(server()), server()]), [Reason::Soon], "one is not");
}

#[test]
fn missing_servers_are_told_by_what_is_missing() {
    let dead = ServerRecord { alive: false, ..server() };
    let mut elsewhere = server();
    elsewhere.info.queues = vec!["other".into()];
    let ignorant = ServerRecord { kinds: vec!["other".into()], ..server() };
    let mut leaving = server();
    leaving.info.stopping = true;
    let mut told = server();
    told.orders.stop = true;
    let cases: [(&[ServerRecord], Reason); 6] = [
        (&[], Reason::NoServer),
        (std::slice::from_ref(&dead), Reason::NoServer),
        (&[elsewhere.clone(), dead.clone()], Reason::NoServerForQueue { servers: 1 }),
        (&[ignorant.clone(), elsewhere], Reason::NoServerForKind { servers: 1 }),
        (&[leaving.clone(), ignorant], Reason::Stopping { servers: 1 }),
        (&[leaving, told], Reason::Stopping { servers: 2 }),
    ];
    for (servers, expected) in cases {
        assert_eq!(why(&job(State::Enqueued), &[], servers), [expected]);
    }
}

#[test]
fn a_job_s_own_past_and_its_neighbours_are_told_last() {
    let mut busy = server();
    busy.info.running = 8;
    let facts = |job: &JobRecord, servers: &[ServerRecord], runnable| {
        reasons(&Facts { now: at(100), job, inputs: &[], batch: None, pauses: &[], servers, runnable })
    };
    let waiting = job(State::Enqueued);
    let (full, ahead) = (Reason::Busy { running: 8, workers: 8 }, Reason::Ahead { at_most: 41 });
    assert_eq!(facts(&waiting, &[busy.clone()], 42), [full.clone(), ahead.clone()]);
    let expected = [ahead.clone()];
    assert_eq!(facts(&waiting, &[server()], 42), expected);
    let suspect = JobRecord { crashes: 2, ..waiting.clone() };
    assert_eq!(facts(&suspect, &[busy.clone()], 42), [Reason::Suspect { crashes: 2 }, full, ahead]);
    assert_eq!(facts(&suspect, &[busy, server()], 1), [Reason::Suspect { crashes: 2 }]);
    let late = JobRecord { expires_at: Some(at(100)), ..waiting.clone() };
    assert_eq!(facts(&late, &[server()], 1), [Reason::Expired { at: at(100) }]);
    let aside = JobRecord { parked: true, ..waiting };
    assert_eq!(facts(&aside, &[], 7), [Reason::NoServer, Reason::Parked, Reason::Ahead { at_most: 7 }]);
}
