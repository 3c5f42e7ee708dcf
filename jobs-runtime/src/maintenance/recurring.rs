//! Fires recurring jobs: tells the database what the code defines, and makes the jobs of occurrences that are due.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use jobs_schedule::{Cron, due_occurrences, parse_zone};

use crate::{
    JobId,
    error::{Error, Result},
    job::{Descriptor, Recurring as Definition},
    maintenance::Service,
    registry::Registry,
    server::{
        looker::{AWAY, QUIET, View, Viewer},
        outage::error_chain,
    },
    storage::{Due, Fire, NewJob, Owner, RecurringRecord, RecurringSpec, SharedStorage},
};

/// The shortest, however much this process stores.
pub(super) const REST: Duration = Duration::from_millis(250);
/// An occurrence is missed when nobody fired it for so long.
const MISFIRE_GRACE: Duration = Duration::from_secs(30);

/// The ids of the definitions that stand on these kinds.
pub(crate) fn declared(registry: &Registry) -> Arc<[Arc<str>]> {
    registry.jobs().flat_map(|job| job.recurring).map(|definition| Arc::from(definition.id)).collect()
}

/// The scheduler of recurring jobs. Any number of them may work on one database: each occurrence fires once.
pub(crate) struct Recurring {
    storage: SharedStorage,
    declared: Vec<RecurringSpec>,
    ids: Arc<[Arc<str>]>,
    is_declared: AtomicBool,
    views: Viewer,
    /// The time of the last look, by the database's clock.
    looked_at: Mutex<Option<Timestamp>>,
    parsed: Mutex<HashMap<(String, String), Option<When>>>,
}

/// An expression in its zone.
#[derive(Clone, Debug)]
struct When {
    cron: Cron,
    zone: TimeZone,
}

impl When {
    fn parse(cron: &str, zone: &str) -> Result<Self, String> {
        Ok(Self {
            cron: Cron::parse(cron).map_err(|error| error.to_string())?,
            zone: parse_zone(zone).map_err(|error| error.to_string())?,
        })
    }
}

impl Recurring {
    /// For the definitions that stand on the kinds that the server runs.
    ///
    /// # Errors
    /// [`Error::Startup`] naming each definition whose args cannot be written.
    pub(crate) fn new(storage: SharedStorage, registry: &Registry, views: Viewer) -> Result<Self> {
        let mut declared = Vec::new();
        let mut problems = Vec::new();
        for descriptor in registry.jobs() {
            for definition in descriptor.recurring {
                match spec(descriptor, definition) {
                    Ok(spec) => declared.push(spec),
                    Err(error) => problems.push(format!("the recurring job `{}`: {error}", definition.id)),
                }
            }
        }
        if !problems.is_empty() {
            return Err(Error::Startup(problems));
        }
        let (ids, is_declared) = (self::declared(registry), AtomicBool::new(false));
        let (looked_at, parsed) = Default::default();
        Ok(Self { storage, declared, ids, is_declared, views, looked_at, parsed })
    }

    /// Declares what the code defines, or leaves it to the first step when the database is away.
    pub(crate) async fn declare_or_leave(&self) -> Result<()> {
        match self.declare().await {
            Err(error) if error.is_transient() => {
                tracing::warn!(error = %error_chain(&error), "the recurring jobs of the code are declared when the database is back");
                Ok(())
            }
            declared => declared,
        }
    }

    async fn declare(&self) -> Result<()> {
        if self.is_declared.load(Ordering::Acquire) || self.declared.is_empty() {
            return Ok(());
        }
        let now = self.storage.now().await?;
        for spec in &self.declared {
            self.declare_one(spec, now).await?;
        }
        self.is_declared.store(true, Ordering::Release);
        Ok(())
    }

    async fn declare_one(&self, spec: &RecurringSpec, now: Timestamp) -> Result<()> {
        let Some(when) = self.when(spec) else { return Ok(()) };
        self.storage.recurring_upsert(spec.clone(), when.cron.next_after(now, &when.zone)).await
    }

    /// Declares again what was removed while this server was away. What is there stays: another server may have declared a later
    /// version of it.
    async fn declare_vanished(&self, now: Timestamp) -> Result<()> {
        let mut vanished = 0_usize;
        for spec in &self.declared {
            if self.storage.recurring_get(&spec.id).await?.is_none() {
                self.declare_one(spec, now).await?;
                vanished += 1;
            }
        }
        if vanished > 0 {
            tracing::info!(vanished, "declared recurring jobs again that were removed while this server was away");
        }
        Ok(())
    }

    fn looked_at(&self) -> Option<Timestamp> {
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server was away before this look. What it declared may have been removed meanwhile.
    fn was_away(&self, now: Timestamp) -> bool {
        self.looked_at().is_some_and(|before| now.duration_since(before) > AWAY && !self.was_seen(before, now))
    }

    /// Whether the server has looked for other things all the time between two moments.
    fn was_seen(&self, from: Timestamp, to: Timestamp) -> bool {
        let view = self.views.borrow();
        view.as_ref().is_some_and(|view| view.since <= from && to.duration_since(view.outlook.now) <= AWAY)
    }

    /// The parsed expression; `None`, and a line in the log the first time, when it cannot be parsed.
    fn when(&self, spec: &RecurringSpec) -> Option<When> {
        let key = (spec.cron.clone(), spec.zone.clone());
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let when = parsed.entry(key).or_insert_with(|| {
            let told = |error: &String| {
                tracing::error!(recurring = %spec.id, cron = spec.cron, zone = spec.zone, error,
                "the recurring job never fires, because its expression or zone cannot be read; store it anew")
            };
            When::parse(&spec.cron, &spec.zone).inspect_err(told).ok()
        });
        when.clone()
    }

    async fn fire(&self, record: RecurringRecord, now: Timestamp) -> Result<()> {
        let Some((expected, when)) = record.next_at.zip(self.when(&record.spec)) else { return Ok(()) };
        let RecurringSpec { id, misfire, overlap, template, .. } = record.spec;
        if record.pause.is_some() {
            let next = when.cron.next_after(now, &when.zone);
            self.storage.recurring_fire(Fire { id: id.clone(), expected, next, jobs: Vec::new(), overlap }).await?;
            tracing::debug!(recurring = %id, "an occurrence fell into the pause");
            return Ok(());
        }
        let due = due_occurrences(&when.cron, &when.zone, expected, now, misfire, MISFIRE_GRACE);
        if due.missed > 0 {
            tracing::warn!(recurring = %id, missed = due.missed, fired = due.fire.len(), "occurrences were missed");
        }
        let jobs = due.fire.into_iter().map(|occurrence| (occurrence, occurrence_job(&template, &id, occurrence)));
        let fire = Fire { id: id.clone(), expected, next: due.next, jobs: jobs.collect(), overlap };
        let fired = self.storage.recurring_fire(fire).await?;
        tracing::debug!(recurring = %id, fired, "fired");
        Ok(())
    }
}

fn occurrence_job(template: &NewJob, id: &Arc<str>, occurrence: Timestamp) -> NewJob {
    NewJob { id: JobId::new(), due: Due::Now, recurring: Some((id.clone(), occurrence)), ..template.clone() }
}

fn spec(descriptor: &Descriptor, definition: &Definition) -> Result<RecurringSpec> {
    let options = &descriptor.options;
    let template = NewJob {
        id: JobId::new(),
        kind: descriptor.kind.into(),
        queue: options.queue.into(),
        priority: options.priority,
        payload: (definition.args)()?,
        due: Due::Now,
        max_attempts: options.attempts,
        on_exhausted: options.on_exhausted,
        timeout: options.timeout,
        expires: options.expires,
        retain: options.retain,
        meta: Default::default(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    };
    Ok(RecurringSpec {
        id: definition.id.into(),
        owner: Owner::Code,
        // As an operator's edit is written, with which it is compared.
        cron: definition.cron.trim().to_owned(),
        zone: definition.zone.trim().to_owned(),
        misfire: definition.misfire,
        overlap: definition.overlap,
        template,
    })
}

#[async_trait]
impl Service for Recurring {
    fn doing(&self) -> &'static str {
        "fire recurring jobs"
    }

    async fn run_once(&self) -> Result<Duration> {
        self.declare().await?;
        let (now, due, next) = self.storage.recurring_due(&self.ids).await?;
        let mut failed = None::<Error>;
        let declared = if self.was_away(now) { self.declare_vanished(now).await } else { Ok(()) };
        match declared {
            Ok(()) => *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now),
            // The next step looks for them again.
            Err(error) => failed = Some(error),
        }
        for record in due {
            // One definition that cannot be stored does not keep the others from firing.
            if let Err(error) = self.fire(record, now).await {
                failed.get_or_insert(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let until_next = next.map(|next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
        Ok(until_next.map_or(QUIET, |until| until.min(QUIET)))
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        // It was away since, and must look whether what it declared is still there.
        let was_away = self.looked_at().is_some_and(|before| before < view.since);
        if was_away { Some(Duration::ZERO) } else { view.outlook.recurring_in }
    }
}
