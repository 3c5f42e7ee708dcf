//! The example `shop` as a user runs it, in one process or in several: its mails, its reports, its backup and its closing lines
//! are right.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it leaves out")]

mod alone;
mod checks;
#[path = "../common/mod.rs"]
mod common;
mod server;
mod together;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use common::example_path;
use jobs::{Client, EventKind, JobFilter, JobRecord, State};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::process::{Child, Command};

/// How long a run may take; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(120);
const MADE_UP: i64 = 5_000;
/// Jobs of any day: a job for each of 8 regions and a joined report, 6 feeds, a report, a backup, a summary of the campaign, and
/// an alert because another has failed.
const ANY_DAY: usize = 9 + 6 + 2 + 1 + 1;
/// Jobs of a new customer: an account, a welcome, a confirmation.
const NEWCOMER: usize = 3;
/// Suppliers 1 and 4 fail once, 2 and 5 twice.
const RETRIED: usize = 6;

fn shop(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(example_path("shop"));
    command.arg("--no-dashboard").arg("--folder").arg(folder).args(arguments);
    command.env_remove("SMTP_URL").env_remove("JOBS_URL").env_remove("RUST_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let run = shop(folder, arguments).output();
    tokio::time::timeout(PATIENCE, run).await.expect("the program ends").expect("the program starts")
}

/// Waits for the end of a program, which goes well.
async fn at_the_end(child: Child) -> Output {
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

async fn run_well(folder: &Path, arguments: &[&str]) -> Closing {
    let output = run(folder, arguments).await;
    assert!(output.status.success(), "{output:?}");
    Closing::of(&output)
}

/// The last line: `shop: 5099 succeeded, 6 retried, 0 failed in 6.9 s`. Of a job whose failure set off an alert it says nothing.
#[derive(Debug, PartialEq)]
struct Closing {
    succeeded: usize,
    retried: usize,
    failed: usize,
}

impl Closing {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let line = text.lines().last().expect("a last line").to_owned();
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let ["shop:", succeeded, "succeeded", retried, "retried", failed, "failed", "in", seconds, "s"] = words[..]
        else {
            panic!("not a closing line: {line}");
        };
        seconds.parse::<f64>().expect("seconds");
        let number = |word: &str| word.parse().expect("a number");
        Self { succeeded: number(succeeded), retried: number(retried), failed: number(failed) }
    }
}

async fn client(folder: &Path) -> Client {
    Client::connect(&format!("sqlite://{}", folder.join("jobs.db").display())).await.unwrap()
}

async fn jobs_in(client: &Client, state: State) -> Vec<JobRecord> {
    common::all_jobs(client, JobFilter::new(state)).await.unwrap()
}

/// What the jobs themselves say about all runs on a folder so far.
async fn recounted(client: &Client) -> Closing {
    let (succeeded, mut failed) = (jobs_in(client, State::Succeeded).await, jobs_in(client, State::Failed).await);
    let sent = failed.extract_if(.., |job| job.kind == "shop::catalogue::send_catalogue").count();
    let alerts = succeeded.iter().filter(|job| job.kind == "shop::catalogue::alert").count();
    assert_eq!(alerts, sent, "each failure of it has set off one alert");
    let mut retried = 0;
    for job in succeeded.iter().chain(&failed) {
        let history = client.job(job.id).history().await.unwrap();
        let attempts = history.iter().filter(|event| event.what == EventKind::AttemptFailed).count();
        retried += attempts - usize::from(job.state == State::Failed);
    }
    Closing { succeeded: succeeded.len(), retried, failed: failed.len() }
}

async fn database(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn number(connection: &mut SqliteConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

fn the_only(folder: &Path, ending: &str) -> PathBuf {
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "{} holds one file", folder.display());
    files(folder, ending).pop().expect("a file with this ending")
}
