//! What several test files share: temporary databases, child processes, waiting for a fact.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    future::Future,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jobs::{Client, JobFilter, JobId, JobRecord, State};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

/// How long a fact that must come is waited for; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder of its own with the URL of a database in it.
pub(crate) struct Database {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("jobs.db").display());
        Self { folder, url }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.url).await.unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A connection of somebody else's to the same file.
    pub(crate) async fn connection(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.url).await.unwrap()
    }

    /// Changes the file behind the back of `jobs`; returns how many rows.
    pub(crate) async fn tamper(&self, statement: &'static str) -> u64 {
        let mut connection = self.connection().await;
        let done = sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }
}

/// Waits until `fact` gives a value; fails when it never does.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut fact: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = fact().await {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the job is in this state, and returns it as it is then.
pub(crate) async fn until_is(client: &Client, job: JobId, state: State) -> JobRecord {
    until(&format!("job {job} to be {state}"), || async {
        let record = client.job(job).record().await.unwrap();
        (record.state == state).then_some(record)
    })
    .await
}

/// All jobs that fit the filter, whatever number of pages they are.
pub(crate) async fn all_jobs(client: &Client, filter: JobFilter) -> jobs::Result<Vec<JobRecord>> {
    let filter = filter.limit(JobFilter::MOST);
    let mut page = client.jobs(filter.clone()).await?;
    let mut jobs = page.jobs;
    while let Some(next) = page.next {
        page = client.jobs(filter.clone().at(next)).await?;
        jobs.append(&mut page.jobs);
    }
    Ok(jobs)
}

/// How many jobs are in this state, from the statistics.
pub(crate) async fn count(client: &Client, state: State) -> i64 {
    client.totals().await.unwrap().iter().filter(|total| total.state == state).map(|total| total.jobs).sum()
}

/// Waits until that many jobs are in this state.
pub(crate) async fn until_count(client: &Client, state: State, jobs: i64) {
    until(&format!("{jobs} jobs to be {state}"), || async { (count(client, state).await == jobs).then_some(()) }).await;
}

/// The statistics agree with the jobs, and no row contradicts another.
pub(crate) async fn assert_sound(client: &Client) {
    assert_eq!(client.check().await.unwrap(), Vec::<String>::new());
}

/// A child process that does not outlive the test.
pub(crate) struct Process(Child);

impl Process {
    /// Starts one of the package's example programs, which `cargo test` builds beside the tests.
    pub(crate) fn example(name: &str, arguments: &[&str]) -> Self {
        let child = Command::new(example_path(name)).args(arguments).stdin(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("starting {name}: {error}")))
    }

    /// One that the test has started itself.
    pub(crate) fn of(child: Child) -> Self {
        Self(child)
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends it a signal by name: `STOP`, `CONT`, `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.0.id().to_string()).status().unwrap();
        assert!(sent.success(), "{name} could not be sent");
    }

    /// Waits for its end; whether it ended well.
    pub(crate) fn wait(&mut self) -> bool {
        self.0.wait().unwrap().success()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where cargo has put an example of this package.
pub(crate) fn example_path(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let path = profile.join("examples").join(name);
    assert!(path.exists(), "{} is not built: run `cargo test`, or `cargo build --examples` first", path.display());
    path
}
