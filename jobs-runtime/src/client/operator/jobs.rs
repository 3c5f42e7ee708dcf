//! What operators do to single jobs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Operator;
use crate::{
    Error, JobId, Result, State,
    client::{
        input::{IntoDue, check_name},
        priority::Priority,
        redact::Cover,
    },
    codec,
    storage::{Acted, Change, Deed, Due, JobRecord},
};

impl Operator {
    /// Ends a job as `deleted`, also while it runs. Returns whether it took effect: `false` when it had ended otherwise than by
    /// a failure.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn delete(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Delete { reason: self.reason.clone() }, None).await
    }

    /// Ends a job as `deleted` if it does not run; if it runs, asks its handler to stop and lets that decide how it ends.
    /// Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn cancel(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Cancel { reason: self.reason.clone() }, None).await
    }

    /// Makes a job runnable now, also once more after its end; its attempts and crashes start from 0. Returns whether it took
    /// effect: `false` for one that may be claimed already.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn requeue(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Requeue, None).await
    }

    /// Sets a job's time: an instant, or a duration from now on by the database's clock. Of one that waits only the time
    /// changes; one that has ended starts its life anew. Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::Config`] for a bad time; [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn reschedule(&self, job: JobId, due: impl IntoDue) -> Result<bool> {
        let due = due.into_due().map_err(|fault| Error::config(format!("`reschedule` of job {job}: {fault}")))?;
        self.change(job, Change::Reschedule(due), None).await
    }

    /// Makes a job that waits for its time runnable at once; its attempts stay as they are. Returns whether it took effect:
    /// `false` for a job in any other state.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn run_now(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Reschedule(Due::Now), Some(vec![State::Scheduled])).await
    }

    /// Puts a job in another queue while it waits. Returns whether it took effect: `false` for one that runs or has ended.
    ///
    /// # Errors
    /// [`Error::Config`] for a bad name; [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn move_to(&self, job: JobId, queue: impl AsRef<str>) -> Result<bool> {
        let queue = queue.as_ref();
        check_name(queue).map_err(|fault| Error::config(format!("`move_to` of job {job}: {fault}")))?;
        self.change(job, Change::Move { queue: Arc::from(queue) }, None).await
    }

    /// Gives a job another priority while it waits. Returns whether it took effect: `false` for one that runs or has ended.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn prioritize(&self, job: JobId, priority: impl Into<Priority>) -> Result<bool> {
        self.change(job, Change::Prioritize(priority.into().value()), None).await
    }

    /// Gives a job other args, unless it runs or has succeeded: an object of all of them by name, as
    /// [`Client::args_json`](crate::Client::args_json) shows them. A value that is shown redacted, at whatever depth, may stay so and then
    /// keeps what is stored; one in a list whose entries were moved about so that it is not clear which was which must be written anew.
    ///
    /// Returns whether it took effect: `false` when the job has changed since `seen` was read, and then nothing was changed.
    ///
    /// # Errors
    /// [`Error::Config`] for a kind that this program does not know, for a name that the kind does not have, and for a redacted
    /// value that is not known; [`Error::Decode`] for values that do not fit; [`Error::TooLarge`]; [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn edit_args(&self, seen: &JobRecord, args: Value) -> Result<bool> {
        let descriptor = self.client.descriptor(&seen.kind)?;
        // Args that cannot be read are what an edit may be for.
        let before = (descriptor.args_to_json)(&seen.payload).ok();
        let cover = self.client.cover(descriptor);
        let args = restore(args, before.as_ref(), &seen.kind, descriptor.params, cover)?;
        let after = cover.covered(args.clone());
        let payload = (descriptor.args_from_json)(args)?;
        let limit = self.client.storage().settings().payload_limit;
        codec::check_size(&payload, limit, &format!("the payload of a `{}` job", seen.kind))?;
        let before = before.map(|before| cover.covered(before));
        let detail = json!({ "before": { "args": before }, "after": { "args": after } });
        let change = Change::Edit { payload, fence: seen.fence };
        let deed = Deed::Change { job: seen.id, change, guard: None };
        self.changed(seen.id, self.act(deed, Some(detail)).await?)
    }

    /// Changes a job if it is in one of the states of `guard`, in any where that is `None`. Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn change(&self, job: JobId, change: Change, guard: Option<Vec<State>>) -> Result<bool> {
        self.changed(job, self.act(Deed::Change { job, change, guard }, None).await?)
    }

    fn changed(&self, job: JobId, acted: Acted) -> Result<bool> {
        match acted {
            Acted::Done => Ok(true),
            Acted::Refused => Ok(false),
            Acted::Missing => Err(Error::NoJob(job)),
        }
    }
}

/// The args with the secrets that were shown redacted put back.
fn restore(mut args: Value, before: Option<&Value>, kind: &str, params: &[&str], cover: Cover<'_>) -> Result<Value> {
    let Some(object) = args.as_object() else {
        return Err(Error::config(format!("the args of a `{kind}` job are an object of all parameters by name")));
    };
    let is_known = |name: &str| params.contains(&name) || before.is_some_and(|args| args.get(name).is_some());
    if let Some(name) = object.keys().find(|name| !is_known(name)) {
        return Err(Error::config(format!(
            "a `{kind}` job has no parameter `{}`; it has {}",
            name.escape_debug(),
            params.join(", ")
        )));
    }
    cover.restore(&mut args, before).map_err(|lost| {
        let place = lost.0.escape_debug();
        Error::config(format!("the stored value of `{place}` of a `{kind}` job cannot be told; write it anew"))
    })?;
    Ok(args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Redaction;

    fn restored(args: Value, before: Option<&Value>) -> Result<Value> {
        let cover = Cover { names: &Redaction::declared_only(), secret: &["token"] };
        restore(args, before, "greet", &["name", "token"], cover)
    }

    #[test]
    fn a_redacted_secret_keeps_its_value_and_a_new_one_counts() {
        let before = json!({ "name": "Ada", "token": { "value": "s3cret" } });
        let shown = json!({ "name": "Ada", "token": "[redacted]" });
        assert_eq!(restored(shown, Some(&before)).expect("all is known"), before);
        let edited = json!({ "name": "Eve", "token": "n3w" });
        assert_eq!(restored(edited.clone(), Some(&before)).expect("all is known"), edited);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        let cases = [
            (json!([1]), "an object"),
            (json!({ "nane": "Ada" }), "`nane`"),
            (json!({ "name": "Ada", "token": "[redacted]" }), "`token`"),
        ];
        for (args, word) in cases {
            let refused = restored(args.clone(), None);
            assert!(matches!(&refused, Err(Error::Config(text)) if text.contains(word)), "{args}: {refused:?}");
        }
    }
}
