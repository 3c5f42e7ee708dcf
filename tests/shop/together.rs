//! Several processes that share the work: some enqueue, some run jobs.

use std::path::Path;

use jobs::{Grain, Measure, prelude::*};
use tempfile::TempDir;
use tokio::process::Child;

use crate::{
    ANY_DAY, Closing, MADE_UP, NEWCOMER, RETRIED, at_the_end, checks,
    common::{assert_sound, count, until},
    database, files, number, recounted, run_well,
    server::{Engine, FreshDatabase},
    shop, the_only,
};

const NEWCOMERS: usize = 150;
/// Everybody is invited.
const JOBS: usize = NEWCOMER * NEWCOMERS + MADE_UP as usize + NEWCOMERS + ANY_DAY;
/// Those that were followed by another, and the one that was followed by an alert.
const FAILED_ATTEMPTS: usize = RETRIED + 1;

/// A job of another program on the same database: no process of the shop knows its kind.
#[job]
async fn foreign() {}

fn start(folder: &Path, url: &str, arguments: &[&str]) -> Child {
    shop(folder, &["--jobs-url", url]).args(arguments).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let id = child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// What a worker says at its end: how many attempts it ran, and what became of all jobs since it started.
async fn end_of_worker(child: Child) -> (usize, Closing) {
    let output = at_the_end(child).await;
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let attempts = text.lines().find_map(|line| line.strip_prefix("shop: this worker ran ")?.split(' ').next());
    (attempts.expect("a line about its attempts").parse().expect("a number"), Closing::of(&output))
}

/// Nothing was rescued, no result came too late: whoever stopped left nothing behind that others had to mend.
async fn assert_orderly(client: &Client) {
    for point in client.stats(Grain::Day, Timestamp::UNIX_EPOCH).await.unwrap() {
        assert!(!matches!(point.measure, Measure::Rescued | Measure::Stale), "{point:?}");
    }
    assert_sound(client).await;
}

async fn assert_all_is_done(folder: &Path, client: &Client) {
    let expected = Closing { succeeded: JOBS, retried: RETRIED, failed: 0 };
    assert_eq!(recounted(client).await, expected);
    assert_orderly(client).await;
    let mut shop = database(&folder.join("shop.db")).await;
    checks::assert_mails(folder, &mut shop, NEWCOMERS).await;
    checks::assert_report(folder, &mut shop, client).await;
    checks::assert_regions(folder, &mut shop).await;
    checks::assert_backup(folder, &mut shop).await;
}

/// One web and two workers, of which one is told to stop in the midst of the work.
async fn share(url: &str) {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    // In a new folder, on a new database, at the same time.
    let newcomers = NEWCOMERS.to_string();
    let web = start(folder, url, &["--role", "web", "--exit-when-idle", "--new-customers", &newcomers]);
    let first = start(folder, url, &["--role", "worker"]);
    let client = Client::connect(url).await.unwrap();
    let foreign = foreign::enqueue().on(&client).await.unwrap();

    until("the first worker to work", || async { (count(&client, State::Succeeded).await >= 20).then_some(()) }).await;
    let second = start(folder, url, &["--role", "worker", "--exit-when-idle"]);
    until("the second worker to be there", || async {
        let servers = client.servers().await.unwrap();
        (servers.iter().filter(|server| server.alive).count() == 2).then_some(())
    })
    .await;
    let done = count(&client, State::Succeeded).await;
    send("-TERM", &first);
    let (of_first, closing) = end_of_worker(first).await;
    assert!(usize::try_from(done).unwrap() < JOBS, "it was not the midst of the work any more");
    assert!(closing.succeeded + FAILED_ATTEMPTS >= of_first, "{closing:?} with {of_first} attempts");
    assert_eq!(closing.failed, 0);

    at_the_end(web).await;
    let (of_second, _) = end_of_worker(second).await;
    assert!(of_first > 0 && of_second > 0, "{of_first} and {of_second}");
    // No attempt was made twice, none was wasted.
    assert_eq!(of_first + of_second, JOBS + FAILED_ATTEMPTS);
    assert_eq!(client.servers().await.unwrap(), [], "both have taken their leave");
    assert_eq!(foreign.state().await.unwrap(), State::Enqueued, "nobody waited for it, and it waits");
    assert_all_is_done(folder, &client).await;
}

#[tokio::test]
async fn shop_on_sqlite() {
    let temporary = TempDir::new().unwrap();
    share(&format!("sqlite://{}", temporary.path().join("jobs.db").display())).await;
}

#[tokio::test]
async fn shop_on_postgres() {
    let Some(database) = FreshDatabase::new(Engine::Postgres, "shop on postgres").await else { return };
    share(&database.url).await;
    database.remove().await;
}

#[tokio::test]
async fn shop_on_mysql() {
    let Some(database) = FreshDatabase::new(Engine::MySql, "shop on mysql").await else { return };
    share(&database.url).await;
    database.remove().await;
}

#[tokio::test]
async fn processes_that_start_at_once_share_a_new_folder() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let url = format!("sqlite://{}", folder.join("jobs.db").display());
    let newcomers = NEWCOMERS.to_string();
    let workers: Vec<Child> = (0..3).map(|_| start(folder, &url, &["--role", "worker", "--exit-when-idle"])).collect();
    let web = start(folder, &url, &["--role", "web", "--exit-when-idle", "--new-customers", &newcomers]);
    at_the_end(web).await;
    let mut attempts = 0;
    for worker in workers {
        attempts += end_of_worker(worker).await.0;
    }
    assert_eq!(attempts, JOBS + FAILED_ATTEMPTS);
    let client = Client::connect(&url).await.unwrap();
    assert_all_is_done(folder, &client).await;
}

/// Two whole shops in one folder: no customer is made up twice, and both come to their end.
#[tokio::test]
async fn two_shops_share_a_folder() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let url = format!("sqlite://{}", folder.join("jobs.db").display());
    let both = [(); 2].map(|()| start(folder, &url, &["--exit-when-idle", "--new-customers", "10", "--invite", "20"]));
    for child in both {
        assert_eq!(Closing::of(&at_the_end(child).await).failed, 0);
    }
    let client = Client::connect(&url).await.unwrap();
    let expected = Closing { succeeded: 2 * (10 * NEWCOMER + 20 + ANY_DAY), retried: 2 * RETRIED, failed: 0 };
    assert_eq!(recounted(&client).await, expected);
    assert_orderly(&client).await;
    let mut shop = database(&folder.join("shop.db")).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 20);
    assert_eq!(files(&folder.join("mails"), ".eml").len(), 2 * (20 + 20 + 2));
    // Two backups and two reports at once did not get into each other's way.
    the_only(&folder.join("backups"), ".db");
    checks::report_named(folder, "month-end-");
    checks::report_named(folder, "regions.csv");
}

#[tokio::test]
async fn a_worker_that_comes_first_waits_a_while_for_the_web() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let url = format!("sqlite://{}", folder.join("jobs.db").display());
    let before = run_well(folder, &["--exit-when-idle", "--new-customers", "1", "--invite", "20"]).await;
    let client = Client::connect(&url).await.unwrap();

    // Here there was a day before, and everything that it brought is done.
    let worker = start(folder, &url, &["--role", "worker", "--exit-when-idle"]);
    until("the worker to be there", || async { (client.servers().await.unwrap().len() == 1).then_some(()) }).await;
    let arguments = ["--role", "web", "--exit-when-idle", "--new-customers", "1", "--invite", "20"];
    at_the_end(start(folder, &url, &arguments)).await;
    let (attempts, closing) = end_of_worker(worker).await;
    let jobs = NEWCOMER + 20 + ANY_DAY;
    assert_eq!(closing, Closing { succeeded: jobs, retried: RETRIED, failed: 0 });
    assert_eq!(attempts, jobs + FAILED_ATTEMPTS);
    assert_eq!(recounted(&client).await.succeeded, before.succeeded + jobs);

    // When nobody comes it ends all the same.
    let (attempts, closing) = end_of_worker(start(folder, &url, &["--role", "worker", "--exit-when-idle"])).await;
    assert_eq!((attempts, closing), (0, Closing { succeeded: 0, retried: 0, failed: 0 }));
}
