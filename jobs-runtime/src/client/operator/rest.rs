//! What operators do to queues, kinds, recurring jobs, servers and batches.

use std::sync::Arc;

use jiff::Timestamp;

use super::Operator;
use crate::{
    BatchId, Error, JobId, Result, ServerId,
    client::{JobRef, input::check_name, pause::check_kind, recurring::When},
    storage::{Acted, Deed, Due, Owner, PauseTarget, RecurringRecord, Signal},
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
    pub async fn pause(&self, target: PauseTarget, until: Option<Due>) -> Result<()> {
        let fault = match &target {
            PauseTarget::Queue(name) | PauseTarget::Recurring(name) => check_name(name).err(),
            PauseTarget::Kind(name) => check_kind(name).err(),
            PauseTarget::Server(_) => None,
        };
        if let Some(fault) = fault {
            return Err(Error::config(format!("`pause`: {fault}")));
        }
        for target in self.all_names(target) {
            if self.act(Deed::Pause { target: target.clone(), until }, None).await? == Acted::Missing {
                return Err(match target {
                    PauseTarget::Server(id) => Error::NoServer(id),
                    PauseTarget::Queue(id) | PauseTarget::Kind(id) | PauseTarget::Recurring(id) => {
                        Error::NoRecurring(id.to_string())
                    }
                });
            }
        }
        Ok(())
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

    /// Gives a recurring job that was made at run time another expression, read in this zone. Its next occurrence is the first by
    /// these. Returns whether it took effect: `false` when somebody else has changed it meanwhile.
    ///
    /// # Errors
    /// [`Error::Config`] for a wrong expression, an unknown zone, and a job that the code defines; [`Error::NoRecurring`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn alter_recurring(&self, recurring: &str, cron: &str, zone: &str) -> Result<bool> {
        let when = When::parse(recurring, cron, zone)?;
        let storage = self.client.storage();
        let seen = match storage.recurring_get(recurring).await? {
            Some(stored) if stored.spec.owner == Owner::Code => {
                return Err(Error::config(format!(
                    "the recurring job `{recurring}` is defined in the code by `#[recurring]`; change it there, or pause it"
                )));
            }
            Some(stored) => (stored.spec.cron, stored.spec.zone),
            None => Default::default(),
        };
        let next = when.next_after(storage.now().await?);
        let to = (cron.to_owned(), zone.to_owned());
        let deed = Deed::Alter { recurring: Arc::from(recurring), seen, to, next };
        self.recurred(recurring, self.act(deed, None).await?)
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
