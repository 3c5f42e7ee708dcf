//! Four workers, 20,000 jobs, and everything goes wrong: SIGKILL, pauses past the lease, two restarts of the database.

use std::time::Duration;

use jobs::Client;
use jobs_test_servers::Product;

use crate::{
    Ground,
    common::{assert_sound, until},
    fleet::{Fleet, assert_accounted, assert_ledger, counted, host_micros, pause, until_succeeded},
    handlers,
};

const JOBS: usize = 20_000;
const WORKERS: usize = 4;
/// What the documentation promises: first claims so long after the database's return.
const FIRST_CLAIM: Duration = Duration::from_secs(5);

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
enum Act {
    Kill,
    /// SIGSTOP for longer than the lease of 1.5 s, then SIGCONT.
    Pause,
    /// The database is stopped in good order and comes back.
    Restart,
    /// The database is killed and comes back.
    Crash,
}

/// In this order, spread evenly over the jobs.
const ACTS: [Act; 10] = [
    Act::Kill,
    Act::Pause,
    Act::Restart,
    Act::Kill,
    Act::Pause,
    Act::Kill,
    Act::Crash,
    Act::Pause,
    Act::Kill,
    Act::Pause,
];

#[tokio::test(flavor = "multi_thread")]
async fn postgres_nothing_is_lost_or_accounted_twice() {
    nothing_is_lost_or_accounted_twice(Product::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_nothing_is_lost_or_accounted_twice() {
    nothing_is_lost_or_accounted_twice(Product::MariaDb).await;
}

async fn nothing_is_lost_or_accounted_twice(product: Product) {
    let Some(mut ground) = Ground::new(product, "cluster chaos").await else { return };
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let client = Client::connect(&ground.url).await.unwrap();
    let number = |number: usize| u32::try_from(number).unwrap();
    let jobs = (0..JOBS).map(|job| handlers::haul::new(number(job), 5 + random.u32(0..60)));
    client.enqueue_all(jobs.collect::<Vec<_>>()).await.unwrap();

    let mut fleet = Fleet::start(&ground.url, WORKERS);
    let (mut kills, mut returns) = (Vec::new(), Vec::new());
    for (index, act) in ACTS.into_iter().enumerate() {
        let so_far = JOBS * (index + 1) / (ACTS.len() + 2);
        until(&format!("{so_far} jobs before {act:?} (seed {seed})"), || async {
            (fleet.ends() >= so_far).then_some(())
        })
        .await;
        let victim = random.usize(0..WORKERS);
        match act {
            Act::Kill => {
                kills.push(host_micros());
                fleet.replace(victim);
            }
            Act::Pause => {
                fleet.workers[victim].signal("STOP");
                pause(3_000).await;
                fleet.workers[victim].signal("CONT");
            }
            Act::Restart | Act::Crash => {
                if matches!(act, Act::Crash) {
                    tokio::task::block_in_place(|| ground.server.kill()).unwrap();
                }
                let newest = fleet.ledger().iter().map(|entry| entry.fence).max().unwrap();
                tokio::task::block_in_place(|| ground.server.restart()).unwrap();
                let returned = host_micros();
                let first = until("the first claim after the database's return", || async {
                    let ledger = fleet.ledger();
                    ledger
                        .iter()
                        .filter(|entry| entry.fence > newest && entry.micros > returned)
                        .map(|entry| entry.micros)
                        .min()
                })
                .await;
                returns.push(Duration::from_micros(u64::try_from(first - returned).unwrap()));
            }
        }
    }
    until_succeeded(&client, i64::try_from(JOBS).unwrap()).await;
    fleet.stop();

    let (records, rescues) = assert_accounted(&client, JOBS).await;
    let most = records.iter().map(|job| job.crashes).max().unwrap();
    let refused = assert_ledger(&fleet, JOBS);
    let stale = counted(&client, jobs::Measure::Stale).await;
    // A killed worker's results are lost with it, so not every end that was not accepted was refused.
    assert!(stale > 0, "no pause made a result stale: the test shows nothing (seed {seed})");
    assert!(usize::try_from(stale).unwrap() <= refused, "{stale} refused, but only {refused} ends were not accepted");
    assert_sound(&client).await;
    let slowest = kills.iter().filter_map(|killed| {
        let after = rescues.iter().map(|at| at.as_microsecond() - killed);
        after.filter(|after| (0..30_000_000).contains(after)).min()
    });
    println!(
        "{product}: {JOBS} jobs on {WORKERS} workers (seed {seed}): {} rescues, of one job {most} at most, the first after a kill within {:?}; {stale} stale \
         results refused of {refused} ends not accepted; first claims {returns:?} after the database's return",
        rescues.len(),
        slowest.max().map(|micros| Duration::from_micros(micros.unsigned_abs())),
    );
    assert!(!rescues.is_empty(), "no kill met a running job: the test shows nothing (seed {seed})");
    for first in returns {
        assert!(first < FIRST_CLAIM, "the first claim came {first:?} after the database's return");
    }
}
