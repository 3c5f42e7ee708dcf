//! The services, step by step.

mod looks;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use jobs_schedule::{Misfire, Overlap};
use tokio::{
    sync::watch,
    time::{Instant, advance},
};

use super::{Cleaner, Hints, Orphans, Promoter, Recurring, Rescuer, Service, cleaner, declared, promoter, supervise};
use crate::{
    Fence, JobId, ServerId,
    job::{Descriptor, OnExhausted, Recurring as Definition},
    registry::Registry,
    server::{
        fake::{ACT, Fake, NOW, away},
        lease::Trust,
        looker::{QUIET, Views},
    },
    storage::{
        Due, NewJob, Orders, Owner, Pause, PauseTarget, Promoted, RecurringRecord, RecurringSpec, ServerInfo,
        ServerRecord,
    },
};

const LEASE: Duration = Duration::from_secs(12);
const SWEEP: Duration = Duration::from_secs(3);

fn rescuer() -> (Arc<Fake>, Rescuer) {
    let (fake, rescuer, _) = rescuer_that_trusts(Duration::from_secs(1_000_000));
    (fake, rescuer)
}

/// A rescuer whose server trusts its lease for so long.
fn rescuer_that_trusts(time: Duration) -> (Arc<Fake>, Rescuer, watch::Sender<Option<Instant>>) {
    let fake = Arc::new(Fake::default());
    fake.world().dead = vec![Fence(1)];
    let (beats, trust) = Trust::until(Some(Instant::now() + time));
    (fake.clone(), Rescuer::new(fake, trust, LEASE, SWEEP, 3), beats)
}

/// Time passes, for the database as well.
async fn pass(fake: &Fake, time: Duration) {
    fake.world().clock += time;
    advance(time).await;
}

/// Looks so often, a sweep apart, and returns what was rescued by then.
async fn looks(fake: &Fake, rescuer: &Rescuer, looks: usize) -> Vec<Fence> {
    for _ in 0..looks {
        pass(fake, SWEEP).await;
        rescuer.run_once().await.expect("the storage is there");
    }
    fake.world().rescued.clone()
}

#[tokio::test(start_paused = true)]
async fn a_chunk_is_rescued_when_two_looks_agree() {
    let (fake, rescuer) = rescuer();
    assert_eq!(looks(&fake, &rescuer, 1).await, []);
    fake.world().dead.push(Fence(2));
    assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1)]);
    assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1), Fence(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_beats_again_between_two_looks_keeps_its_jobs() {
    let (fake, rescuer) = rescuer();
    looks(&fake, &rescuer, 1).await;
    fake.world().dead.clear();
    looks(&fake, &rescuer, 1).await;
    fake.world().dead = vec![Fence(1)];
    assert_eq!(looks(&fake, &rescuer, 1).await, []);
}

#[tokio::test(start_paused = true)]
async fn after_an_error_of_the_storage_a_whole_lease_is_waited() {
    let (fake, rescuer) = rescuer();
    looks(&fake, &rescuer, 1).await;
    for method in ["now", "rescue_candidates", "rescue"] {
        fake.fail(method, [away()]);
        assert!(rescuer.run_once().await.is_err(), "{method}");
        fake.world().dead = vec![Fence(1)];
        fake.world().rescued.clear();
        assert_eq!(looks(&fake, &rescuer, 4).await, [], "{method}: 12 s, the first look at the end of them");
        assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1)], "{method}");
        fake.world().dead = vec![Fence(1)];
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_fails_keeps_no_job_from_its_rescue() {
    let (fake, rescuer) = rescuer();
    fake.fail("server_sweep", [away(), away()]);
    assert_eq!(looks(&fake, &rescuer, 2).await, [Fence(1)]);
    assert_eq!(fake.calls("server_sweep"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_own_lease_has_lapsed_waits_a_whole_lease_after_it_is_back() {
    let (fake, rescuer, beats) = rescuer_that_trusts(SWEEP + SWEEP / 2);
    assert_eq!(looks(&fake, &rescuer, 8).await, [], "one look with the lease, then none");
    assert_eq!(fake.calls("rescue_candidates"), 1);
    assert_eq!(fake.calls("server_sweep"), 1, "not even its own row is swept");
    beats.send_replace(Some(Instant::now() + LEASE * 100));
    tokio::task::yield_now().await;
    assert_eq!(
        looks(&fake, &rescuer, 5).await,
        [],
        "12 s from the first look, the first that counts at the end of them"
    );
    assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_lapses_during_a_look_keeps_what_it_found() {
    let (fake, rescuer, _beats) = rescuer_that_trusts(SWEEP * 5 / 2);
    looks(&fake, &rescuer, 1).await;
    fake.world().clock_takes = SWEEP;
    assert_eq!(looks(&fake, &rescuer, 1).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_databases_clock_starts_the_two_looks_anew() {
    for forward in [true, false] {
        let (fake, rescuer) = rescuer();
        fake.world().clock = Duration::from_secs(1_000);
        looks(&fake, &rescuer, 1).await;
        let jump = Duration::from_secs(6);
        let clock = fake.world().clock;
        fake.world().clock = if forward { clock + jump } else { clock - jump };
        assert_eq!(looks(&fake, &rescuer, 1).await, []);
        assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1)]);
    }
}

fn server(alive: bool) -> ServerRecord {
    let info = ServerInfo {
        name: String::new(),
        version: String::new(),
        queues: Vec::new(),
        workers: 1,
        running: 0,
        lost: 0,
        stopping: false,
    };
    ServerRecord {
        id: ServerId::new(),
        info,
        kinds: Vec::new(),
        started_at: NOW,
        beat_at: NOW,
        lease_until: NOW,
        alive,
        recurring: Vec::new(),
        pause: None,
        orders: Orders::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn when_most_servers_look_dead_one_more_lease_is_waited() {
    let (fake, rescuer) = rescuer();
    fake.world().servers = [true, false, false].map(server).into();
    assert_eq!(looks(&fake, &rescuer, 5).await, [], "12 s from the first look, and then one look more");
    assert_eq!(looks(&fake, &rescuer, 1).await, [Fence(1)]);
}

#[tokio::test(start_paused = true)]
async fn one_dead_server_of_two_is_nothing_strange() {
    let (fake, rescuer) = rescuer();
    fake.world().servers = [true, false].map(server).into();
    assert_eq!(looks(&fake, &rescuer, 2).await, [Fence(1)]);
}

fn definition(id: &str, cron: &str, next_in: SignedDuration) -> RecurringRecord {
    let template = NewJob {
        id: JobId::new(),
        kind: "act".into(),
        queue: "default".into(),
        priority: 0,
        payload: b"ok".to_vec(),
        due: Due::Now,
        max_attempts: 10,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        expires: None,
        retain: None,
        meta: Default::default(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    };
    let spec = RecurringSpec {
        id: id.into(),
        owner: Owner::Runtime,
        cron: cron.to_owned(),
        zone: "UTC".to_owned(),
        misfire: Misfire::Once,
        overlap: Overlap::Allow,
        template,
    };
    RecurringRecord {
        spec,
        next_at: Some(NOW + next_in),
        last_at: None,
        last_job: None,
        pause: None,
        orphaned: false,
        of_code: None,
    }
}

fn scheduler(fake: &Arc<Fake>) -> Recurring {
    Recurring::new(fake.clone(), &Registry::default(), Views::default().listen()).expect("nothing is declared")
}

#[tokio::test(start_paused = true)]
async fn each_due_occurrence_makes_a_fresh_job() {
    let fake = Arc::new(Fake::default());
    fake.world().recurring = vec![definition("minutely", "* * * * *", SignedDuration::ZERO)];
    let scheduler = scheduler(&fake);
    for _ in 0..2 {
        scheduler.run_once().await.expect("the storage is there");
        fake.world().clock += Duration::from_secs(60);
    }
    let world = fake.world();
    let fired: Vec<_> = world.fired.iter().flat_map(|fire| &fire.jobs).collect();
    let times: Vec<Timestamp> = fired.iter().map(|(occurrence, _)| *occurrence).collect();
    assert_eq!(times, [NOW, NOW + Duration::from_secs(60)]);
    assert_ne!(fired[0].1.id, fired[1].1.id);
    for (occurrence, job) in fired {
        assert_eq!(job.recurring, Some(("minutely".into(), *occurrence)));
    }
    assert_eq!(world.fired[0].expected, NOW);
    assert_eq!(world.fired[0].next, Some(NOW + Duration::from_secs(60)));
}

#[tokio::test(start_paused = true)]
async fn the_next_look_is_at_the_next_occurrence_or_much_later() {
    let fake = Arc::new(Fake::default());
    let soon = SignedDuration::from_millis(300);
    fake.world().recurring = vec![definition("soon", "* * * * *", soon)];
    let scheduler = scheduler(&fake);
    assert_eq!(scheduler.run_once().await.ok(), Some(Duration::from_millis(300)));
    fake.world().recurring.clear();
    assert_eq!(scheduler.run_once().await.ok(), Some(QUIET));
}

#[tokio::test(start_paused = true)]
async fn a_bad_definition_and_one_that_cannot_be_stored_do_not_keep_the_others() {
    let fake = Arc::new(Fake::default());
    fake.world().recurring = ["not a cron", "* * * * *", "* * * * *"]
        .into_iter()
        .enumerate()
        .map(|(index, cron)| definition(&format!("number {index}"), cron, SignedDuration::ZERO))
        .collect();
    fake.fail("recurring_fire", [away()]);
    let scheduler = scheduler(&fake);
    assert!(scheduler.run_once().await.is_err(), "the failed one is tried again");
    assert_eq!(fake.world().fired.iter().map(|fire| &*fire.id).collect::<Vec<_>>(), ["number 2"]);
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.world().fired.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_paused_definition_moves_on_without_a_job() {
    let fake = Arc::new(Fake::default());
    let mut paused = definition("paused", "* * * * *", SignedDuration::from_mins(-3));
    let target = PauseTarget::Recurring("paused".into());
    paused.pause = Some(Pause { target, reason: String::new(), since: NOW, until: None });
    fake.world().recurring = vec![paused];
    let scheduler = scheduler(&fake);
    scheduler.run_once().await.expect("the storage is there");
    let fired = fake.world().fired.remove(0);
    assert!(fired.jobs.is_empty());
    assert_eq!(
        (fired.expected, fired.next),
        (NOW - SignedDuration::from_mins(3), Some(NOW + SignedDuration::from_mins(1)))
    );
    fake.world().recurring[0].pause = None;
    scheduler.run_once().await.expect("the storage is there");
    assert!(fake.world().fired.is_empty(), "what fell into the pause is left out");
    fake.world().clock += Duration::from_secs(60);
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.world().fired[0].jobs.len(), 1);
}

/// A job with a recurring definition.
const NIGHTLY: Descriptor = Descriptor {
    kind: "nightly",
    recurring: &[Definition {
        id: "nightly",
        cron: "0 3 * * *",
        zone: "UTC",
        misfire: Misfire::Once,
        overlap: Overlap::Allow,
        args: || Ok(Vec::new()),
    }],
    ..ACT
};

#[tokio::test(start_paused = true)]
async fn what_vanished_while_the_server_was_away_is_declared_again() {
    let fake = Arc::new(Fake::default());
    let registry = Registry::collect_where(&[&NIGHTLY], |job| job.kind == "nightly").expect("one kind");
    let views = Views::default();
    let scheduler = Recurring::new(fake.clone(), &registry, views.listen()).expect("args without faults");
    assert_eq!(*declared(&registry), [Arc::from("nightly")]);
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.calls("recurring_upsert"), 1);
    fake.world().recurring.clear();
    fake.world().clock += Duration::from_secs(60);
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.calls("recurring_upsert"), 1, "somebody has removed it while this server was there");
    fake.world().clock += Duration::from_secs(61);
    fake.fail("recurring_upsert", [away()]);
    assert!(scheduler.run_once().await.is_err());
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.calls("recurring_upsert"), 3, "and again after the error");
    assert_eq!(fake.world().recurring.len(), 1);
    fake.world().clock += Duration::from_secs(100);
    scheduler.run_once().await.expect("the storage is there");
    assert_eq!(fake.calls("recurring_upsert"), 3, "it is there");
}

#[tokio::test(start_paused = true)]
async fn orphans_are_removed_after_an_hour_without_an_outage() {
    const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
    let fake = Arc::new(Fake::default());
    let task = tokio::spawn(supervise(Orphans::new(fake.clone(), KEEP), Hints::default()));
    let spares = |fake: &Fake| fake.world().swept.iter().all(|kept| *kept > 100 * KEEP);
    tokio::time::sleep(Duration::from_secs(50 * 60)).await;
    assert!(fake.calls("recurring_sweep") >= 45 && spares(&fake), "what is declared is noted all the time");
    fake.fail("recurring_sweep", [away()]);
    tokio::time::sleep(Duration::from_secs(59 * 60)).await;
    assert!(spares(&fake), "the others may have been away as well");
    tokio::time::sleep(Duration::from_secs(5 * 60)).await;
    assert_eq!(fake.world().swept.last(), Some(&KEEP));
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn the_promoter_rests_where_what_is_due_is_locked_by_somebody() {
    let fake = Arc::new(Fake::default());
    let more_is_due = Some(Duration::ZERO);
    fake.world().promoted =
        [Promoted { jobs: 7, next_in: more_is_due }, Promoted { jobs: 0, next_in: more_is_due }].into();
    let promoter = Promoter::new(fake.clone());
    let mut pauses = Vec::new();
    for _ in 0..3 {
        pauses.push(promoter.run_once().await.expect("the storage is there"));
    }
    assert_eq!(pauses, [Duration::ZERO, promoter::REST, QUIET]);
}

#[tokio::test(start_paused = true)]
async fn the_cleaner_goes_on_while_there_is_more_and_then_rests() {
    let fake = Arc::new(Fake::default());
    fake.world().cleaned = [1_000, 1_000, 3].into();
    let cleaner = Cleaner::new(fake.clone());
    let mut pauses = Vec::new();
    for _ in 0..3 {
        pauses.push(cleaner.run_once().await.expect("the storage is there"));
    }
    assert_eq!(pauses, [cleaner::PAUSE, cleaner::PAUSE, cleaner::PERIOD]);
}

/// Panics, fails and works in turn.
struct Moody(Arc<Fake>);

#[async_trait::async_trait]
impl Service for Moody {
    fn doing(&self) -> &'static str {
        "be moody"
    }

    async fn run_once(&self) -> crate::Result<Duration> {
        self.0.enqueue([]);
        let step = self.0.calls("park");
        crate::storage::UpkeepStorage::park(&*self.0, 1).await?;
        match step % 3 {
            0 => panic!("moody"),
            1 => Err(away()),
            _ => Ok(Duration::from_secs(60)),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_survives_errors_and_panics() {
    let fake = Arc::new(Fake::default());
    let task = tokio::spawn(supervise(Moody(fake.clone()), Hints::default()));
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(!task.is_finished());
    let steps = fake.calls("park");
    assert!((27..=33).contains(&steps), "{steps} steps in ten minutes of one good step a minute");
}
