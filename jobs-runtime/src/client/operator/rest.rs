//! What operators do to queues, kinds, recurring jobs, servers and batches.

use std::sync::Arc;

use jiff::Timestamp;

use super::Operator;
use crate::{
    BatchId, Error, JobId, Result, ServerId,
    client::{JobRef, input::check_name, pause::check_kind, recurring::When},
    storage::{Acted, Deed, Due, PauseTarget, RecurringRecord, Signal},
};

impl Operator {
    /// Pauses something, or gives its pause another reason and another end. Without an end it lasts until it is
    /// [resumed](Self::resume). A kind is paused under all names that this program knows of it, one after the other.
    ///
    /// # Errors
    /// [`Error::Config`] for a bad name; [`Error::NoServer`]; [`Error::NoRecurring`].
    ///
    /// # Cancel safety
    /// Each name is paused and noted, or neither.
    pub async fn pause(&self, target: PauseTarget, until: Option<Due>) -> Result<bool> {
        let fault = match &target {
            PauseTarget::Queue(name) | PauseTarget::Recurring(name) => check_name(name).err(),
            PauseTarget::Kind(name) => check_kind(name).err(),
            PauseTarget::Server(_) => None,
        };
        if let Some(fault) = fault {
            return Err(Error::config(format!("`pause`: {fault}")));
        }
        let mut done = true;
        for target in self.all_names(target) {
            let acted = self.act(Deed::Pause { target: target.clone(), until }, None).await?;
            done &= acted == Acted::Done;
            if acted == Acted::Missing {
                return Err(match target {
                    PauseTarget::Server(id) => Error::NoServer(id),
                    PauseTarget::Queue(id) | PauseTarget::Kind(id) | PauseTarget::Recurring(id) => {
                        Error::NoRecurring(id.to_string())
                    }
                });
            }
        }
        Ok(done)
    }

    /// Ends a pause. Returns whether one was in force.
    ///
    /// # Errors
    /// None of its own.
    ///
    /// # Cancel safety
    /// Each name is resumed and noted, or neither.
    pub async fn resume(&self, target: PauseTarget) -> Result<bool> {
        let mut ended = false;
        for target in self.all_names(target) {
            ended |= self.act(Deed::Resume(target), None).await? == Acted::Done;
        }
        Ok(ended)
    }

    /// The target under all names that this program knows of it.
    fn all_names(&self, target: PauseTarget) -> Vec<PauseTarget> {
        match target {
            PauseTarget::Kind(name) => {
                let names = self.client.kind_named(&*name).into_names();
                names.into_iter().map(|name| PauseTarget::Kind(Arc::from(name))).collect()
            }
            other => vec![other],
        }
    }

    /// Makes a job from a recurring definition now, beside its schedule, also while that is paused.
    ///
    /// # Errors
    /// [`Error::NoRecurring`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn trigger(&self, recurring: &str) -> Result<JobRef> {
        let job = JobId::new();
        match self.act(Deed::Trigger { recurring: Arc::from(recurring), job }, None).await? {
            Acted::Done => Ok(self.client.job(job)),
            Acted::Refused | Acted::Missing => Err(Error::NoRecurring(recurring.to_owned())),
        }
    }

    /// Removes a recurring definition; the jobs that it made stay. Returns whether there was one. One that the code defines
    /// comes back with the next server that declares it: pause it instead.
    ///
    /// # Errors
    /// None of its own.
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn remove_recurring(&self, recurring: &str) -> Result<bool> {
        Ok(self.act(Deed::Remove(Arc::from(recurring)), None).await? == Acted::Done)
    }

    /// Leaves the next occurrence of a recurring job out. Returns whether it took effect: `false` when there is none, or it has
    /// fired meanwhile.
    ///
    /// # Errors
    /// [`Error::NoRecurring`]; [`Error::Config`] for one whose expression or zone cannot be read.
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn skip_next(&self, recurring: &str) -> Result<bool> {
        let stored = self.client.storage().recurring_get(recurring).await?;
        let (expected, next) = match stored {
            Some(RecurringRecord { next_at: Some(at), spec, .. }) => {
                (at, When::parse(recurring, &spec.cron, &spec.zone)?.next_after(at))
            }
            // What is not there, or never fires again, has no such occurrence: the audit tells which of both it is.
            _ => (Timestamp::UNIX_EPOCH, None),
        };
        let deed = Deed::Skip { recurring: Arc::from(recurring), expected, next };
        self.recurred(recurring, self.act(deed, None).await?)
    }

    /// Gives a recurring job another expression, read in this zone. Its next occurrence is the first by these. Returns whether it took
    /// effect: `false` when somebody else has changed it meanwhile.
    ///
    /// One that the code defines keeps the edit over deploys, until it is [reset](Self::reset_recurring), the code comes to say the same, or
    /// the definition goes because no server has declared it for a day. One that was made at run time keeps it until the application stores
    /// it anew.
    ///
    /// # Errors
    /// [`Error::Config`] for a wrong expression and an unknown zone; [`Error::NoRecurring`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn alter_recurring(&self, recurring: &str, cron: &str, zone: &str) -> Result<bool> {
        When::parse(recurring, cron, zone)?;
        let stored = self.client.storage().recurring_get(recurring).await?;
        // What is not there has no expression: the audit tells that it was looked for.
        let seen = stored.map(|stored| (stored.spec.cron, stored.spec.zone)).unwrap_or_default();
        self.alter_recurring_if(recurring, (&seen.0, &seen.1), cron, zone).await
    }

    /// The same, if the definition still has the expression and the zone in `seen`: what somebody looked at before they wrote others.
    ///
    /// # Errors
    /// Those of [`alter_recurring`](Self::alter_recurring).
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn alter_recurring_if(
        &self,
        recurring: &str,
        seen: (&str, &str),
        cron: &str,
        zone: &str,
    ) -> Result<bool> {
        // As it was understood: the blanks around it are no part of it.
        let (cron, zone) = (cron.trim(), zone.trim());
        let when = When::parse(recurring, cron, zone)?;
        let next = when.next_after(self.client.storage().now().await?);
        let deed = Deed::Alter {
            recurring: Arc::from(recurring),
            seen: (seen.0.to_owned(), seen.1.to_owned()),
            to: (cron.to_owned(), zone.to_owned()),
            next,
        };
        self.recurred(recurring, self.act(deed, None).await?)
    }

    /// Ends an edit of a recurring job that the code defines: it fires as the code says. Returns whether it took effect: `false` where there
    /// is no edit, or somebody else has changed it meanwhile.
    ///
    /// # Errors
    /// [`Error::Config`] for a definition of the code that cannot be read; [`Error::NoRecurring`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither; where there is no edit, nothing is noted.
    pub async fn reset_recurring(&self, recurring: &str) -> Result<bool> {
        let Some(stored) = self.client.storage().recurring_get(recurring).await? else {
            return Err(Error::NoRecurring(recurring.to_owned()));
        };
        let Some((cron, zone)) = stored.of_code else { return Ok(false) };
        self.alter_recurring_if(recurring, (&stored.spec.cron, &stored.spec.zone), &cron, &zone).await
    }

    fn recurred(&self, recurring: &str, acted: Acted) -> Result<bool> {
        match acted {
            Acted::Done => Ok(true),
            Acted::Refused => Ok(false),
            Acted::Missing => Err(Error::NoRecurring(recurring.to_owned())),
        }
    }

    /// Tells a server to stop as on SIGTERM. It hears of this within a second.
    ///
    /// # Errors
    /// [`Error::NoServer`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn stop_server(&self, server: ServerId) -> Result<()> {
        self.tell(server, Signal::Stop).await
    }

    /// Tells a server to run so many jobs at once, at least 1, for as long as it runs. It hears of this within a second.
    ///
    /// # Errors
    /// [`Error::Config`] for 0; [`Error::NoServer`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn resize_server(&self, server: ServerId, workers: u32) -> Result<()> {
        if workers == 0 {
            return Err(Error::config("`resize` to 0 would run no job; pause the server, or give it at least 1"));
        }
        self.tell(server, Signal::Resize(workers)).await
    }

    async fn tell(&self, server: ServerId, signal: Signal) -> Result<()> {
        match self.act(Deed::Tell { server, signal }, None).await? {
            Acted::Done => Ok(()),
            Acted::Refused | Acted::Missing => Err(Error::NoServer(server)),
        }
    }

    /// Cancels a batch and whatever is nested in it, in one step whatever its size. Returns whether it took effect: `false` when
    /// it had ended or was cancelled before.
    ///
    /// # Errors
    /// [`Error::NoBatch`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn cancel_batch(&self, batch: BatchId) -> Result<bool> {
        match self.act(Deed::CancelBatch(batch), None).await? {
            Acted::Done => Ok(true),
            Acted::Refused => Ok(false),
            Acted::Missing => Err(Error::NoBatch(batch)),
        }
    }
}
