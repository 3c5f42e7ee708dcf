//! Recurring jobs that are made, changed and removed while the program runs, one per tenant say.

use std::sync::Arc;

use jiff::Timestamp;
use jobs_schedule::{Cron, Misfire, Overlap, parse_zone};

use super::{
    Client, JobRef,
    draft::{Draft, job_options},
    kind::Kind,
};
use crate::{
    Error, JobId, Result,
    job::Standalone,
    storage::{NewJob, Owner, RecurringRecord, RecurringSpec},
};

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
#[must_use = "nothing is stored until `upsert`, `remove` or `trigger` is awaited"]
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
    /// [`Error::Config`] for a missing or wrong expression, an unknown zone, a bad option, an id that `#[recurring]` in the code
    /// uses; those of an enqueue for the job; else what the engine says.
    ///
    /// # Cancel safety
    /// It is stored wholly or not at all.
    pub async fn upsert<J: Standalone>(self, job: J) -> Result<()> {
        let Self { client, id, cron, zone, misfire, overlap, draft } = self;
        let storage = client.storage();
        let kind = Kind::of::<J>();
        draft.check(&kind.name)?;
        let Some(cron) = cron else {
            return Err(Error::config(format!(
                "the recurring job `{id}` has no expression; say when it fires with `.cron(\"0 8 * * MON\")`"
            )));
        };
        let when = Cron::parse(&cron)
            .map_err(|error| Error::config(format!("`cron` of the recurring job `{id}`: {error}")))?;
        let tz =
            parse_zone(&zone).map_err(|error| Error::config(format!("`tz` of the recurring job `{id}`: {error}")))?;
        let payload = kind.payload(&job, storage.settings().payload_limit)?;
        let template = draft.job(JobId::new(), &kind, payload);
        drop(job);
        if storage.recurring_get(&id).await?.is_some_and(|stored| stored.spec.owner == Owner::Code) {
            return Err(Error::config(format!(
                "the recurring job `{id}` is defined in the code by `#[recurring]`; choose another id"
            )));
        }
        let next_at = when.next_after(storage.now().await?, &tz);
        let spec = RecurringSpec { id: Arc::from(id), owner: Owner::Runtime, cron, zone, misfire, overlap, template };
        storage.recurring_upsert(spec, next_at).await
    }

    /// Removes it; the jobs that it made stay. Returns whether there was one. One that the code defines comes back with the next
    /// server that declares it.
    ///
    /// # Errors
    /// What the engine says.
    ///
    /// # Cancel safety
    /// It is removed wholly or not at all.
    pub async fn remove(self) -> Result<bool> {
        self.client.storage().recurring_remove(&self.id).await
    }

    /// Makes a job from it now, beside its schedule.
    ///
    /// # Errors
    /// [`Error::NoRecurring`] where there is none; else what the engine says.
    ///
    /// # Cancel safety
    /// The job is stored wholly or not at all.
    pub async fn trigger(self) -> Result<JobRef> {
        let storage = self.client.storage();
        let Some(stored) = storage.recurring_get(&self.id).await? else { return Err(Error::NoRecurring(self.id)) };
        let id = JobId::new();
        let job = made_from(stored, id, storage.now().await?);
        if !storage.recurring_trigger(&self.id, job).await? {
            return Err(Error::NoRecurring(self.id));
        }
        Ok(self.client.job(id))
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
}

fn made_from(stored: RecurringRecord, id: JobId, now: Timestamp) -> NewJob {
    let RecurringSpec { id: definition, template, .. } = stored.spec;
    NewJob { id, recurring: Some((definition, now)), ..template }
}
