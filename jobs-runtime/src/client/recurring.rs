//! Recurring jobs that are made, changed and removed while the program runs, one per tenant say.

use std::{collections::HashMap, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use jobs_schedule::{Cron, Misfire, Overlap, parse_zone};

use super::{
    Client, JobRef,
    act::Act,
    draft::{Draft, job_options},
    input::check_name,
    kind::Kind,
    pause::{SetPause, end_pause},
};
use crate::{
    Error, JobId, Result,
    job::Standalone,
    storage::{JobRecord, NewJob, Owner, PauseTarget, RecurringRecord, RecurringRun, RecurringSpec},
};

/// The most runs that one call reads.
const RUNS: u32 = 1_000;

/// A recurring job by its id: made by [`Client::recurring`].
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn digest(tenant: u64) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// client.recurring("digest:42").cron("0 8 * * MON").tz("Europe/Berlin").upsert(digest::new(42)).await?;
/// let job = client.recurring("digest:42").trigger().await?;
/// assert_eq!(job.state().await?, State::Enqueued);
/// assert!(client.recurring("digest:42").remove().await?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is stored until `upsert` or another of its acts is awaited"]
pub struct RecurringJob {
    client: Client,
    id: String,
    cron: Option<String>,
    zone: String,
    misfire: Misfire,
    overlap: Overlap,
    draft: Draft,
}

impl Client {
    /// The recurring job with this id: 1 to 100 characters, no control characters, unique in the database.
    pub fn recurring(&self, id: impl Into<String>) -> RecurringJob {
        let id = id.into();
        let mut draft = Draft::default();
        draft.name("id", &id);
        let (misfire, overlap) = (Misfire::default(), Overlap::default());
        RecurringJob { client: self.clone(), id, cron: None, zone: "UTC".to_owned(), misfire, overlap, draft }
    }

    /// All recurring jobs, those of the code among them, by id.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn recurring_jobs(&self) -> Result<Vec<RecurringRecord>> {
        self.storage().recurring_list().await
    }
}

impl RecurringJob {
    job_options!();

    /// When it fires: a cron expression such as `"0 8 * * MON"`.
    pub fn cron(mut self, expression: impl Into<String>) -> Self {
        self.cron = Some(expression.into());
        self
    }

    /// The time zone in which the expression is read, by its IANA name; UTC, unless said here.
    pub fn tz(mut self, zone: impl Into<String>) -> Self {
        self.zone = zone.into();
        self
    }

    /// What becomes of occurrences that no server was there for; [`Misfire::Once`], unless said here.
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    /// What happens when the run before has not ended; [`Overlap::Allow`], unless said here.
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// Makes it, or changes it to what is said here. A new expression or zone sets the next occurrence anew; else that stays, so
    /// that a repeated call loses none.
    ///
    /// # Errors
    /// Awaiting gives [`Error::Config`] for a missing or wrong expression, an unknown zone, a bad option, an id that
    /// `#[recurring]` in the code uses; those of an enqueue for the job; else what the engine says.
    pub fn upsert<J: Standalone>(self, job: J) -> Act<'static, ()> {
        let client = self.client.clone();
        let defined = self.define(&job);
        Act::new(client, |client, tx| {
            Box::pin(async move {
                let (spec, when) = defined?;
                let storage = client.storage();
                if storage.recurring_get(&spec.id).await?.is_some_and(|stored| stored.spec.owner == Owner::Code) {
                    return Err(Error::config(format!(
                        "the recurring job `{}` is defined in the code by `#[recurring]`; choose another id",
                        spec.id
                    )));
                }
                let next_at = when.next_after(storage.now().await?);
                match tx {
                    None => storage.recurring_upsert(spec, next_at).await,
                    Some(tx) => storage.recurring_upsert_within(tx.connection(), spec, next_at).await,
                }
            })
        })
    }

    /// What is to be stored, and when it fires.
    fn define<J: Standalone>(self, job: &J) -> Result<(RecurringSpec, When)> {
        let Self { client, id, cron, zone, misfire, overlap, draft } = self;
        let kind = Kind::of::<J>();
        draft.check(&kind.name, Vec::new())?;
        let Some(cron) = cron else {
            return Err(Error::config(format!(
                "the recurring job `{id}` has no expression; say when it fires with `.cron(\"0 8 * * MON\")`"
            )));
        };
        let when = When::parse(&id, &cron, &zone)?;
        let payload = kind.payload(job, client.storage().settings().payload_limit)?;
        let template = draft.job(JobId::new(), &kind, payload);
        let spec = RecurringSpec { id: Arc::from(id), owner: Owner::Runtime, cron, zone, misfire, overlap, template };
        Ok((spec, when))
    }

    /// Removes it; the jobs that it made stay. Awaiting returns whether there was one. One that the code defines comes back with
    /// the next server that declares it: [pause](Self::pause) it instead.
    ///
    /// # Errors
    /// What the engine says.
    pub fn remove(self) -> Act<'static, bool> {
        let Self { client, id, .. } = self;
        Act::new(client, |client, tx| {
            Box::pin(async move {
                match tx {
                    None => client.storage().recurring_remove(&id).await,
                    Some(tx) => client.storage().recurring_remove_within(tx.connection(), &id).await,
                }
            })
        })
    }

    /// Makes a job from it now, beside its schedule, also while it is paused. Within a transaction, it must have been stored
    /// before that began.
    ///
    /// # Errors
    /// Awaiting gives [`Error::NoRecurring`] where there is none; else what the engine says.
    pub fn trigger(self) -> Act<'static, JobRef> {
        let Self { client, id, .. } = self;
        Act::new(client, |client, tx| {
            Box::pin(async move {
                let storage = client.storage();
                let Some(stored) = storage.recurring_get(&id).await? else { return Err(Error::NoRecurring(id)) };
                let job = JobId::new();
                let made = made_from(stored, job, storage.now().await?);
                let is_made = match tx {
                    None => storage.recurring_trigger(&id, made).await?,
                    Some(tx) => {
                        let is_made = storage.recurring_trigger_within(tx.connection(), &id, made).await?;
                        client.wake_at_commit(job);
                        is_made
                    }
                };
                if is_made { Ok(client.job(job)) } else { Err(Error::NoRecurring(id)) }
            })
        })
    }

    /// Lets it make no jobs, until it is resumed. Occurrences that fall into the pause are left out for good.
    pub fn pause(self) -> SetPause<'static> {
        SetPause::new(&self.client, vec![PauseTarget::Recurring(Arc::from(&*self.id))], check_name(&self.id).err())
    }

    /// Ends the pause. Awaiting returns whether one was in force.
    pub fn resume(self) -> Act<'static, bool> {
        end_pause(&self.client, vec![PauseTarget::Recurring(Arc::from(&*self.id))])
    }

    /// What is stored of it.
    ///
    /// # Errors
    /// [`Error::NoRecurring`] where there is none; else what the engine says.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn get(self) -> Result<RecurringRecord> {
        self.client.storage().recurring_get(&self.id).await?.ok_or(Error::NoRecurring(self.id))
    }

    /// The newest jobs that it made, by its schedule and by hand, newest first: at most `limit`, and 1,000. Jobs that retention has removed
    /// are no longer among them; one that is being removed has no record. Of an id that nobody has defined there are none.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn digest(tenant: u64) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// client.recurring("digest:42").cron("0 8 * * MON").upsert(digest::new(42)).await?;
    /// let job = client.recurring("digest:42").trigger().await?;
    /// let runs = client.recurring("digest:42").runs(20).await?;
    /// assert_eq!((runs.len(), runs[0].0.job, runs[0].0.is_by_hand()), (1, job.id(), true));
    /// # Ok(()) }
    /// ```
    pub async fn runs(self, limit: u32) -> Result<Vec<(RecurringRun, Option<JobRecord>)>> {
        let storage = self.client.storage();
        let runs = storage.recurring_runs(&self.id, limit.min(RUNS)).await?;
        let records = storage.job_records(runs.iter().map(|run| run.job).collect()).await?;
        let mut records: HashMap<_, _> = records.into_iter().map(|record| (record.id, record)).collect();
        Ok(runs.into_iter().map(|run| (run, records.remove(&run.job))).collect())
    }
}

/// An expression in its zone.
pub(super) struct When {
    expression: Cron,
    zone: TimeZone,
}

impl When {
    /// Of the recurring job with this id.
    pub(super) fn parse(id: &str, cron: &str, zone: &str) -> Result<Self> {
        let expression =
            Cron::parse(cron).map_err(|error| Error::config(format!("`cron` of the recurring job `{id}`: {error}")))?;
        let zone =
            parse_zone(zone).map_err(|error| Error::config(format!("`tz` of the recurring job `{id}`: {error}")))?;
        Ok(Self { expression, zone })
    }

    pub(super) fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.expression.next_after(now, &self.zone)
    }
}

fn made_from(stored: RecurringRecord, id: JobId, now: Timestamp) -> NewJob {
    let RecurringSpec { id: definition, template, .. } = stored.spec;
    NewJob { id, recurring: Some((definition, now)), ..template }
}
