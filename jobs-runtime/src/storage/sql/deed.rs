//! Carrying out what operators do, and noting it in the same transaction.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    audit::{self, Note},
    change::{self, Was},
    fail::Res,
    flow,
    names::Noun,
    operation, pauses, recurring, servers,
    text::instant,
    write::Write,
};
use crate::{
    JobId, State,
    storage::{Acted, Change, Deed, Due, PauseTarget, Signal, Signature, Target, Verb},
};

/// Carries out an act, and notes it.
pub(super) async fn act(write: &mut Write<'_>, deed: &Deed, by: &Signature) -> Res<Acted> {
    let note = match deed {
        Deed::Change { job, change, guard } => change_job(write, *job, change, guard.as_deref()).await?,
        Deed::Pause { target, until } => pause(write, target, *until, &by.reason).await?,
        Deed::Resume(target) => resume(write, target).await?,
        Deed::Trigger { recurring, job } => {
            let outcome = told(recurring::make(write, recurring, *job).await?);
            let detail = json!({ "after": { "job": job } });
            Note { detail: Some(detail), ..plain(Verb::Trigger, Target::Recurring(Arc::clone(recurring)), outcome) }
        }
        Deed::Remove(id) => {
            let outcome = told(recurring::remove(write, id).await?);
            plain(Verb::Remove, Target::Recurring(Arc::clone(id)), outcome)
        }
        Deed::Skip { recurring, expected, next } => {
            let outcome = recurring::skip(write, recurring, *expected, *next).await?;
            let detail = json!({ "before": { "next_at": expected }, "after": { "next_at": next } });
            Note { detail: Some(detail), ..plain(Verb::Skip, Target::Recurring(Arc::clone(recurring)), outcome) }
        }
        Deed::Alter { recurring, seen, to, next } => {
            let outcome = recurring::alter(write, recurring, seen, to, *next).await?;
            let said = |(cron, zone): &(String, String)| json!({ "cron": cron, "zone": zone });
            let detail = json!({ "before": said(seen), "after": said(to) });
            Note { detail: Some(detail), ..plain(Verb::Alter, Target::Recurring(Arc::clone(recurring)), outcome) }
        }
        Deed::Tell { server, signal } => {
            let outcome = told(servers::signal(write, *server, *signal).await?);
            let (verb, detail) = match signal {
                Signal::Stop => (Verb::Stop, None),
                Signal::Resize(workers) => (Verb::Resize, Some(json!({ "after": { "workers": workers } }))),
            };
            Note { detail, ..plain(verb, Target::Server(*server), outcome) }
        }
        Deed::CancelBatch(batch) => {
            let outcome = match flow::cancel(write, *batch, &by.reason).await? {
                None => Acted::Missing,
                Some(true) => Acted::Done,
                Some(false) => Acted::Refused,
            };
            plain(Verb::Cancel, Target::Batch(*batch), outcome)
        }
        Deed::Begin(new) => {
            let expected = operation::begin(write, new, by).await?;
            let detail = json!({ "after": {
                "operation": operation::told(new, write.now),
                "expected": expected,
            } });
            let queue = match new.filter.queues() {
                [queue] => Some(Arc::from(&**queue)),
                _ => None,
            };
            Note { queue, detail: Some(detail), ..plain(Verb::Begin, Target::Operation(new.id), Acted::Done) }
        }
        Deed::Halt(id) => {
            let outcome = operation::halt(write, *id).await?;
            plain(Verb::Cancel, Target::Operation(*id), outcome)
        }
    };
    let outcome = note.outcome;
    audit::note(write, by, note).await?;
    Ok(outcome)
}

/// Of an act that says whether there was what it was to be done to.
const fn told(was_there: bool) -> Acted {
    if was_there { Acted::Done } else { Acted::Missing }
}

const fn plain(act: Verb, target: Target, outcome: Acted) -> Note {
    Note { act, target, queue: None, outcome, detail: None }
}

async fn change_job(write: &mut Write<'_>, id: JobId, change: &Change, guard: Option<&[State]>) -> Res<Note> {
    let act = match change {
        Change::Delete { .. } => Verb::Delete,
        Change::Cancel { .. } => Verb::Cancel,
        Change::Requeue => Verb::Requeue,
        Change::Reschedule(_) => Verb::Reschedule,
        Change::Move { .. } => Verb::Move,
        Change::Prioritize(_) => Verb::Prioritize,
        Change::Edit { .. } => Verb::Edit,
    };
    let Some((changed, was)) = change::change_told(write, id, change, guard).await? else {
        return Ok(plain(act, Target::Job(id), Acted::Missing));
    };
    let queue = write.name(Noun::Queue, was.line.queue).await?;
    let outcome = if changed.took_effect { Acted::Done } else { Acted::Refused };
    let detail = detail(write.now, change, changed.from, &was, &queue);
    Ok(Note { queue: Some(queue), detail: Some(detail), ..plain(act, Target::Job(id), outcome) })
}

/// What the job was, and what it is where the state does not say it.
fn detail(now: i64, change: &Change, from: State, was: &Was, queue: &str) -> Json {
    let mut before = json!({ "state": from.as_str() });
    match change {
        Change::Reschedule(due) => {
            before["due_at"] = json!(instant(was.due_at));
            let due_at = instant(super::insert::due_at(*due, now));
            json!({ "before": before, "after": { "due_at": due_at } })
        }
        Change::Move { queue: to } => {
            before["queue"] = json!(queue);
            json!({ "before": before, "after": { "queue": &**to } })
        }
        Change::Prioritize(to) => {
            before["priority"] = json!(was.priority);
            json!({ "before": before, "after": { "priority": to } })
        }
        Change::Delete { .. } | Change::Cancel { .. } | Change::Requeue | Change::Edit { .. } => {
            json!({ "before": before })
        }
    }
}

fn target_of(target: &PauseTarget) -> Target {
    match target {
        PauseTarget::Queue(name) => Target::Queue(Arc::clone(name)),
        PauseTarget::Kind(name) => Target::Kind(Arc::clone(name)),
        PauseTarget::Recurring(id) => Target::Recurring(Arc::clone(id)),
        PauseTarget::Server(id) => Target::Server(*id),
    }
}

/// A slip of the pen in an id would pause nothing, without a word.
async fn is_there(write: &mut Write<'_>, target: &PauseTarget) -> Res<bool> {
    Ok(match target {
        PauseTarget::Queue(_) | PauseTarget::Kind(_) => true,
        PauseTarget::Recurring(id) => recurring::get(&mut write.read(), id).await?.is_some(),
        PauseTarget::Server(id) => servers::list(&mut write.read()).await?.iter().any(|server| server.id == *id),
    })
}

async fn pause(write: &mut Write<'_>, target: &PauseTarget, until: Option<Due>, reason: &str) -> Res<Note> {
    if !is_there(write, target).await? {
        return Ok(plain(Verb::Pause, target_of(target), Acted::Missing));
    }
    let before = pause_of(write, target).await?;
    let end = until.map(|until| super::insert::due_at(until, write.now));
    let detail = json!({ "before": before, "after": { "until": end.map(instant) } });
    // One whose end has passed would take the place of the pause in force, and so end it.
    if end.is_some_and(|end| end <= write.now) {
        return Ok(Note { detail: Some(detail), ..plain(Verb::Pause, target_of(target), Acted::Refused) });
    }
    pauses::pause(write, target, reason, until).await?;
    Ok(Note { detail: Some(detail), ..plain(Verb::Pause, target_of(target), Acted::Done) })
}

async fn resume(write: &mut Write<'_>, target: &PauseTarget) -> Res<Note> {
    let before = pause_of(write, target).await?;
    let outcome = if pauses::resume(write, target).await? { Acted::Done } else { Acted::Refused };
    Ok(Note { detail: Some(json!({ "before": before })), ..plain(Verb::Resume, target_of(target), outcome) })
}

/// The pause in force, as the audit tells it.
async fn pause_of(write: &mut Write<'_>, target: &PauseTarget) -> Res<Json> {
    let pauses = pauses::list(&mut write.read()).await?;
    let pause = pauses.into_iter().find(|pause| pause.target == *target);
    Ok(pause.map_or(Json::Null, |pause| json!({ "reason": pause.reason, "since": pause.since, "until": pause.until })))
}
