//! Worker processes, and the file in which their handlers note what they really did.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use jobs::{Client, EventKind, Fence, Grain, JobFilter, JobRecord, Measure, State, Timestamp};
use tempfile::TempDir;

use crate::common::{Process, all_jobs, until};

pub(crate) struct Fleet {
    folder: TempDir,
    url: String,
    pub(crate) workers: Vec<Process>,
}

/// One line of the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) is_end: bool,
    pub(crate) number: u32,
    pub(crate) fence: Fence,
    /// By the host's clock.
    pub(crate) micros: i64,
}

impl Fleet {
    pub(crate) fn start(url: &str, workers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut fleet = Self { folder, url: url.to_owned(), workers: Vec::new() };
        for _ in 0..workers {
            let worker = fleet.worker();
            fleet.workers.push(worker);
        }
        fleet
    }

    fn worker(&self) -> Process {
        // One job may be held alone by three victims in turn, which would make it fail.
        Process::example("test-worker", &[&self.url, self.path().to_str().unwrap(), "hardy"])
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// Kills a worker with SIGKILL and starts another in its place.
    pub(crate) fn replace(&mut self, index: usize) {
        self.workers[index].kill();
        let worker = self.worker();
        self.workers[index] = worker;
    }

    pub(crate) fn ledger(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        let lines = text.lines().filter_map(|line| {
            let mut words = line.split(' ');
            Some(Entry {
                is_end: words.next()? == "end",
                number: words.next()?.parse().ok()?,
                fence: Fence(words.next()?.parse().ok()?),
                micros: words.next()?.parse().ok()?,
            })
        });
        lines.collect()
    }

    /// How many different jobs' handlers have come to their end.
    pub(crate) fn ends(&self) -> usize {
        let mut numbers: Vec<u32> =
            self.ledger().into_iter().filter(|entry| entry.is_end).map(|entry| entry.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    }

    /// Nobody but the test has ended a worker; told to stop, each ends well.
    pub(crate) fn stop(&mut self) {
        for (index, worker) in self.workers.iter_mut().enumerate() {
            assert!(!worker.has_ended(), "worker {index} has ended by itself");
            worker.signal("TERM");
        }
        for (index, worker) in self.workers.iter_mut().enumerate() {
            assert!(worker.wait(), "worker {index} did not end well");
        }
    }
}

/// How often this was counted, from the statistics.
pub(crate) async fn counted(client: &Client, measure: Measure) -> i64 {
    let points = client.stats(Grain::Minute, Timestamp::UNIX_EPOCH).await.unwrap();
    points.iter().filter(|point| point.measure == measure).map(|point| point.count).sum()
}

/// Waits until so many jobs have succeeded; the database may be away meanwhile.
pub(crate) async fn until_succeeded(client: &Client, jobs: i64) {
    until(&format!("{jobs} jobs to succeed"), || async {
        let totals = client.totals().await.ok()?;
        let count = |state| totals.iter().filter(|total| total.state == state).map(|total| total.jobs).sum::<i64>();
        assert_eq!(count(State::Failed), 0, "no job fails");
        (count(State::Succeeded) == jobs).then_some(())
    })
    .await;
}

/// Every job has succeeded, and each of its attempts is accounted: one for its end, one for each rescue. Returns the jobs and when
/// they were rescued.
pub(crate) async fn assert_accounted(client: &Client, jobs: usize) -> (Vec<JobRecord>, Vec<Timestamp>) {
    let records = all_jobs(client, JobFilter::new(State::Succeeded)).await.unwrap();
    assert_eq!(records.len(), jobs, "every committed job has ended well, and there are no others");
    let mut rescues = Vec::new();
    for job in records.iter().filter(|job| job.attempt > 1 || job.crashes > 0) {
        let history = client.job(job.id).history().await.unwrap();
        let own: Vec<_> = history.into_iter().filter(|event| event.what == EventKind::Rescued).collect();
        assert_eq!(usize::from(job.attempt), 1 + own.len(), "each attempt of {} is accounted", job.id);
        rescues.extend(own.into_iter().map(|event| event.at));
    }
    assert_eq!(counted(client, Measure::Succeeded).await, jobs as i64, "each job was counted once");
    assert_eq!(counted(client, Measure::Rescued).await, rescues.len() as i64);
    (records, rescues)
}

/// By the ledger: each job's handler came to its end, and the ends that were not accepted.
pub(crate) fn assert_ledger(fleet: &Fleet, jobs: usize) -> usize {
    let mut ends: HashMap<u32, usize> = HashMap::new();
    for entry in fleet.ledger().into_iter().filter(|entry| entry.is_end) {
        *ends.entry(entry.number).or_default() += 1;
    }
    assert_eq!(ends.len(), jobs, "every job's handler has come to its end");
    ends.values().sum::<usize>() - jobs
}

pub(crate) fn host_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

pub(crate) async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
