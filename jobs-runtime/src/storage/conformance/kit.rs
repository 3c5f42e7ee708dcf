//! The world of one test: its database, its servers, and the inspection that ends it.

use std::{error::Error as StdError, fmt::Debug, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Ending, Fixture, Work,
    make::{HOUR, KIND, MINUTE, all, ask, finish, job, names},
};
use crate::{
    Fence, JobId, Result, ServerId, State,
    storage::{
        Accepted, Beat, Change, Chunk, ClaimRequest, ClaimedJob, Due, End, Grain, JobRecord, Measure, NewJob, Rescued,
        ServerInfo, ServerRecord, Settings, SharedStorage, StateTotal, Tx,
    },
};

/// How long the leases of a test's servers are valid: far longer than a test takes.
pub(super) const LEASE: Duration = Duration::from_secs(15 * 60);

/// The crash limit that servers use by default.
pub(super) const CRASH_LIMIT: u16 = 3;

/// One test's database and a handle on it.
pub(super) struct World<F> {
    pub(super) fixture: F,
    pub(super) storage: SharedStorage,
    pub(super) settings: Settings,
}

/// A job that a server runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) server: ServerId,
    pub(super) id: JobId,
    pub(super) fence: Fence,
}

impl<F: Fixture> World<F> {
    pub(super) async fn new(fixture: F) -> Result<Self> {
        let settings = Settings::default();
        let storage = fixture.open(settings.clone()).await?;
        Ok(Self { fixture, storage, settings })
    }

    /// Another handle on the database, as another process would have.
    pub(super) async fn another(&self) -> Result<SharedStorage> {
        self.fixture.open(self.settings.clone()).await
    }

    /// Runs `work` in a transaction of the application's, which ends so.
    pub(super) async fn within<T: Send>(
        &self,
        ending: Ending,
        work: impl for<'t> FnOnce(SharedStorage, &'t mut dyn Tx) -> Work<'t, T> + Send,
    ) -> Result<T> {
        let storage = Arc::clone(&self.storage);
        self.fixture.within(ending, move |tx| work(storage, tx)).await
    }

    /// Stores jobs in a transaction of the application's, which ends so.
    pub(super) async fn insert_within(&self, jobs: Vec<NewJob>, ending: Ending) -> Result<Vec<bool>> {
        self.within(ending, |storage, tx| {
            Box::pin(async move { storage.job_insert_within(tx.connection(), jobs).await })
        })
        .await
    }

    pub(super) async fn now(&self) -> Result<Timestamp> {
        self.storage.now().await
    }

    /// Moves the database's clock forward.
    pub(super) fn advance(&self, by: Duration) {
        self.settings.clock_offset.advance(by);
    }

    /// A server that lives and can run those kinds.
    pub(super) async fn serve(&self, kinds: &[&str]) -> Result<ServerId> {
        let server = ServerId::new();
        self.beat(server, kinds).await?;
        Ok(server)
    }

    /// A server that lives and can run the everyday kind.
    pub(super) async fn server(&self) -> Result<ServerId> {
        self.serve(&[KIND]).await
    }

    /// Renews that server's lease; returns the database's time.
    pub(super) async fn beat(&self, server: ServerId, kinds: &[&str]) -> Result<Timestamp> {
        self.storage.heart().await?.beat(&beat(server, kinds)).await
    }

    /// Renews the lease of a server that runs the everyday kind and declares these recurring jobs.
    pub(super) async fn declare(&self, server: ServerId, recurring: &[&str]) -> Result<Timestamp> {
        let said = Beat { recurring: names(recurring), ..beat(server, &[KIND]) };
        self.storage.heart().await?.beat(&said).await
    }

    /// That server as it is listed.
    pub(super) async fn server_record(&self, server: ServerId) -> Result<Option<ServerRecord>> {
        Ok(self.storage.server_list().await?.into_iter().find(|record| record.id == server))
    }

    /// Stores a job that must be new.
    pub(super) async fn insert(&self, job: NewJob) -> Result<JobId> {
        let id = job.id;
        assert_eq!(self.storage.job_insert([job].into()).await?, [true], "a new id is stored");
        Ok(id)
    }

    /// Stores jobs that must be new, in one call.
    pub(super) async fn insert_all(&self, jobs: Vec<NewJob>) -> Result<Vec<JobId>> {
        let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        let expected = vec![true; ids.len()];
        assert_eq!(self.storage.job_insert(jobs.into()).await?, expected, "new ids are stored");
        Ok(ids)
    }

    /// Stores so many everyday jobs, in one call.
    pub(super) async fn insert_many(&self, number: usize) -> Result<Vec<JobId>> {
        self.insert_all((0..number).map(|_| job()).collect()).await
    }

    /// The job, which must be there.
    pub(super) async fn get(&self, id: JobId) -> Result<JobRecord> {
        Ok(self.storage.job_get(id).await?.unwrap_or_else(|| panic!("job {id} is stored")))
    }

    pub(super) async fn state(&self, id: JobId) -> Result<State> {
        Ok(self.get(id).await?.state)
    }

    /// Claims, and expects the ids in the order of the chunks.
    pub(super) async fn claim_ids(&self, request: ClaimRequest) -> Result<Vec<JobId>> {
        Ok(ids(&self.storage.claim(request).await?))
    }

    /// Claims one chunk of ordinary jobs, which must hold these.
    pub(super) async fn take(&self, server: ServerId, expected: &[JobId]) -> Result<Chunk> {
        let mut chunks = self.storage.claim(ask(server, expected.len())).await?;
        assert_eq!(chunks.len(), 1, "jobs that are claimed together are one chunk: {chunks:?}");
        let chunk = chunks.remove(0);
        assert!(!chunk.suspect, "{chunk:?}");
        assert_eq!(ids(std::slice::from_ref(&chunk)), expected, "the jobs of the chunk");
        Ok(chunk)
    }

    /// Stores the job in a lane of its own and claims it there.
    pub(super) async fn start(&self, server: ServerId, new: NewJob) -> Result<Running> {
        let queue: Arc<str> = format!("lane of {}", new.id).into();
        let id = self.insert(NewJob { queue, ..new }).await?;
        self.claim_one(server, id).await
    }

    /// Claims a job that lies in a lane of its own.
    pub(super) async fn claim_one(&self, server: ServerId, id: JobId) -> Result<Running> {
        let record = self.get(id).await?;
        let request =
            ClaimRequest { queues: vec![record.queue.into()], kinds: names(&[&record.kind]), ..ask(server, 1) };
        let chunks = self.storage.claim(request).await?;
        assert_eq!(ids(&chunks), [id], "the job is claimed: {chunks:?}");
        Ok(Running { server, id, fence: chunks[0].fence })
    }

    /// Ends an attempt.
    pub(super) async fn end(&self, run: Running, end: End) -> Result<Accepted> {
        let answers = self.storage.finish(run.server, vec![finish(run.id, run.fence, end)]).await?;
        assert_eq!(answers.len(), 1, "one answer for one verdict: {answers:?}");
        Ok(answers[0])
    }

    /// Ends an attempt, which must be accepted.
    pub(super) async fn end_well(&self, run: Running, end: End) -> Result<()> {
        let what = format!("{end:?}");
        assert_eq!(self.end(run, end).await?, Accepted::Yes, "{what} of a live job");
        Ok(())
    }

    /// Ends an attempt in a transaction of the application's, which ends so.
    pub(super) async fn end_within(&self, run: Running, end: End, ending: Ending) -> Result<Accepted> {
        let end = finish(run.id, run.fence, end);
        self.within(ending, move |storage, tx| {
            Box::pin(async move { storage.finish_within(tx.connection(), run.server, end).await })
        })
        .await
    }

    /// Lets every lease end, and rescues all that was claimed.
    pub(super) async fn crash_all(&self) -> Result<Rescued> {
        self.advance(LEASE + MINUTE);
        let candidates = self.storage.rescue_candidates().await?;
        self.storage.rescue(candidates, CRASH_LIMIT).await
    }

    /// A job that a server has died with once, in a lane of its own.
    pub(super) async fn suspect(&self, new: NewJob) -> Result<JobId> {
        let server = self.serve(&[&new.kind]).await?;
        let id = self.insert(new.clone()).await?;
        let request = ClaimRequest { queues: vec![new.queue], kinds: names(&[&new.kind]), ..ask(server, 1) };
        assert_eq!(self.claim_ids(request).await?, [id], "the job to be a suspect is first in its lane");
        self.crash_all().await?;
        let record = self.get(id).await?;
        assert_eq!((record.state, record.crashes), (State::Enqueued, 1), "rescued once");
        Ok(id)
    }

    /// Applies a change without a guard; whether it took effect.
    pub(super) async fn change(&self, id: JobId, change: Change) -> Result<bool> {
        let changed = self.storage.job_change(id, change, None).await?;
        Ok(changed.unwrap_or_else(|| panic!("job {id} is stored")).took_effect)
    }

    /// A job that has been brought into that state, which must be one that storage alone can bring about.
    pub(super) async fn job_in_state(&self, server: ServerId, state: State) -> Result<JobId> {
        if let State::Scheduled = state {
            return self.insert(NewJob { due: Due::In(HOUR), ..job() }).await;
        }
        let queue: Arc<str> = format!("lane of {}", JobId::new()).into();
        let id = self.insert(NewJob { queue, ..job() }).await?;
        if let State::Enqueued = state {
            return Ok(id);
        }
        let run = self.claim_one(server, id).await?;
        let end = super::make::ends().into_iter().find(|(_, after)| *after == state && state.is_final());
        if let Some((end, _)) = end {
            self.end_well(run, end).await?;
        }
        assert_eq!(self.state(id).await?, state, "the preparation of the test");
        Ok(id)
    }

    /// How often the statistics, none of them rolled up yet, count this.
    pub(super) async fn count(&self, measure: Measure) -> Result<i64> {
        let points = self.storage.stat_points(Grain::Minute, Timestamp::UNIX_EPOCH).await?;
        Ok(points.iter().filter(|point| point.measure == measure).map(|point| point.count).sum())
    }

    /// What ends every test: no two places may contradict each other.
    pub(super) async fn inspect(&self) -> Result<()> {
        let mut totals = self.storage.stat_totals().await?;
        totals.retain(|total| total.jobs != 0);
        totals.sort();
        let mut recount = self.storage.recount().await?;
        recount.sort();
        assert_eq!(totals, recount, "the totals of the statistics equal a recount of the jobs");
        for state in State::ALL {
            let listed = self.storage.job_list(all(state)).await?.jobs;
            assert!(listed.iter().all(|job| job.state == state), "the list of {state} holds no other state");
            assert_eq!(listed.len() as i64, sum(&recount, state), "the list of {state} is complete");
        }
        assert_eq!(self.storage.check().await?, Vec::<String>::new(), "rows that contradict each other");
        Ok(())
    }
}

/// What a server with these kinds says.
pub(super) fn beat(server: ServerId, kinds: &[&str]) -> Beat {
    Beat { server, lease: LEASE, info: info("host:1"), kinds: names(kinds), recurring: names(&[]) }
}

/// What a server of that name says of itself.
pub(super) fn info(name: &str) -> ServerInfo {
    ServerInfo {
        name: name.into(),
        version: "1.2.3".into(),
        queues: vec!["critical".into(), "default".into()],
        workers: 8,
        running: 3,
        lost: 0,
        stopping: false,
    }
}

/// The ids in the order of the chunks.
pub(super) fn ids(chunks: &[Chunk]) -> Vec<JobId> {
    chunks.iter().flat_map(|chunk| &chunk.jobs).map(|job| job.id).collect()
}

/// All claimed jobs, whatever their chunk.
pub(super) fn jobs(chunks: &[Chunk]) -> impl Iterator<Item = &ClaimedJob> {
    chunks.iter().flat_map(|chunk| &chunk.jobs)
}

/// How many jobs are in that state.
pub(super) fn sum(totals: &[StateTotal], state: State) -> i64 {
    totals.iter().filter(|total| total.state == state).map(|total| total.jobs).sum()
}

/// Asserts that a time lies where it must, whatever time the calls themselves took.
#[track_caller]
pub(super) fn between<T: PartialOrd + Debug>(earliest: T, value: T, latest: T) {
    assert!(earliest <= value && value <= latest, "{value:?} is not between {earliest:?} and {latest:?}");
}

/// An error with its causes.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
