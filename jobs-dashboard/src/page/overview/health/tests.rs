//! What is said of which situation.

use jiff::Timestamp;
use jobs_runtime::{
    ServerId,
    storage::{Measure, Orders, ServerInfo, ServerRecord, StatPoint, StateTotal},
};

use super::*;
use crate::{Access, Role};

fn server(name: &str, queues: &[&str]) -> ServerRecord {
    let info = ServerInfo {
        name: name.into(),
        version: "1.0.0".into(),
        queues: queues.iter().map(ToString::to_string).collect(),
        workers: 8,
        running: 0,
        lost: 0,
        stopping: false,
    };
    let at = Timestamp::UNIX_EPOCH;
    ServerRecord {
        id: ServerId::new(),
        info,
        kinds: Vec::new(),
        started_at: at,
        beat_at: at,
        lease_until: at,
        alive: true,
        recurring: Vec::new(),
        pause: None,
        orders: Orders::default(),
    }
}

fn total(queue: &str, state: State, jobs: i64) -> StateTotal {
    StateTotal { queue: queue.into(), kind: "k".into(), state, jobs }
}

fn ended(failed: i64, succeeded: i64) -> Vec<StatPoint> {
    let point = |measure, count| StatPoint {
        at: Timestamp::UNIX_EPOCH,
        queue: "q".into(),
        kind: "k".into(),
        measure,
        bucket: 0,
        count,
    };
    vec![point(Measure::Failed, failed), point(Measure::Succeeded, succeeded), point(Measure::Created, 1_000)]
}

fn everybody() -> Gate {
    Gate::for_tests(Access::new("ann", Role::Read))
}

fn check(pulse: &Pulse, points: &[StatPoint], expected: &[Problem<'_>]) {
    let health = Health::of(pulse, &everybody(), &Ended::from(points.iter()));
    match health {
        Health::Good { .. } => assert!(expected.is_empty(), "{expected:?}"),
        Health::Troubled(problems) => assert_eq!(problems, expected),
    }
}

#[test]
fn runnable_jobs_need_a_server_that_reads_their_queue() {
    let totals =
        vec![total("mail", State::Enqueued, 3), total("mail", State::Enqueued, 2), total("x", State::Scheduled, 9)];
    let none = Pulse { totals: totals.clone(), servers: Vec::new() };
    check(&none, &[], &[Problem::NoServer { waiting: 5 }]);
    let other = Pulse { totals: totals.clone(), servers: vec![server("a", &["default"])] };
    check(&other, &[], &[Problem::NobodyReads { queue: "mail", waiting: 5 }]);
    let mut stops = server("a", &["mail"]);
    stops.info.stopping = true;
    check(&Pulse { totals: totals.clone(), servers: vec![stops] }, &[], &[Problem::NoServer { waiting: 5 }]);
    check(&Pulse { totals, servers: vec![server("a", &["mail"])] }, &[], &[]);
}

#[test]
fn failures_are_told_when_they_are_many_and_unusual() {
    let pulse = Pulse::default();
    for (failed, succeeded, is_told) in [(4, 0, false), (5, 0, true), (5, 95, false), (6, 94, true), (50, 1_000, false)]
    {
        let expected = Problem::Failing { failed, ended: failed + succeeded };
        check(&pulse, &ended(failed, succeeded), if is_told { std::slice::from_ref(&expected) } else { &[] });
    }
}

#[test]
fn servers_in_trouble_are_named() {
    let (mut dead, mut stuck, mut newer) = (server("dead", &[]), server("stuck", &[]), server("newer", &[]));
    dead.alive = false;
    dead.info.version = "0.1.0".into();
    stuck.info.lost = 2;
    newer.info.version = "2.0.0".into();
    let pulse = Pulse { totals: Vec::new(), servers: vec![dead, stuck, newer] };
    let expected = [
        Problem::LostServer { name: "dead" },
        Problem::LostSlots { name: "stuck", slots: 2 },
        Problem::Versions { versions: vec!["1.0.0", "2.0.0"] },
    ];
    check(&pulse, &[], &expected);
}

#[test]
fn who_sees_one_queue_is_told_of_that_queue_only() {
    let totals = vec![total("mail", State::Enqueued, 3), total("payroll", State::Enqueued, 7)];
    let mut dead = server("dead", &[]);
    dead.alive = false;
    let pulse = Pulse { totals, servers: vec![dead, server("a", &["default"])] };
    let gate = Gate::for_tests(Access::new("bob", Role::None).queue("mail", Role::Read));
    let health = |pulse| Health::of(pulse, &gate, &Ended::default());
    assert_eq!(health(&pulse), Health::Troubled(vec![Problem::NobodyReads { queue: "mail", waiting: 3 }]));
    // That no server runs at all, or how many do, is not told either.
    let none = Pulse { totals: pulse.totals.clone(), servers: Vec::new() };
    assert_eq!(health(&none), Health::Troubled(vec![Problem::NobodyReads { queue: "mail", waiting: 3 }]));
    let read = Pulse { totals: pulse.totals.clone(), servers: vec![server("a", &["mail"]), server("b", &["payroll"])] };
    assert_eq!(health(&read), Health::Good { servers: None, running: 0 });
    assert_eq!(Health::of(&read, &everybody(), &Ended::default()), Health::Good { servers: Some(2), running: 0 });
}
