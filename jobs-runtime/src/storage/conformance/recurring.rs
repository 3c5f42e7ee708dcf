//! Definitions of recurring jobs: stored, changed, found when due.

use std::sync::Arc;

use jobs_schedule::{Misfire, Overlap};

use super::{
    Fixture,
    kit::{World, between},
    make::{HOUR, MINUTE, fire, full_job, job, spec},
};
use crate::{
    JobId, Result, State,
    storage::{Due, NewJob, Owner, RecurringRecord, RecurringSpec},
};

/// The definition, which must be there.
async fn get(w: &World<impl Fixture>, id: &str) -> Result<RecurringRecord> {
    Ok(w.storage.recurring_get(id).await?.unwrap_or_else(|| panic!("the definition {id} is stored")))
}

/// All that a definition says; its template's id and due time are not used.
fn said(spec: &RecurringSpec) -> String {
    let template = NewJob { id: JobId::from_bytes([0; 16]), due: Due::Now, ..spec.template.clone() };
    format!("{:?}", RecurringSpec { template, ..spec.clone() })
}

pub(super) async fn a_definition_comes_back_as_given(w: &World<impl Fixture>) -> Result<()> {
    let next_at = w.now().await? + MINUTE;
    assert!(w.storage.recurring_get("report").await?.is_none());
    for (id, owner, misfire, overlap, next_at) in [
        ("report", Owner::Code, Misfire::Once, Overlap::Skip, Some(next_at)),
        ("İş 'günü' 👩‍👩‍👧‍👦", Owner::Runtime, Misfire::Skip, Overlap::Allow, Some(next_at)),
        ("", Owner::Runtime, Misfire::All { cap: 1 }, Overlap::Skip, None),
        ("cap", Owner::Code, Misfire::All { cap: 4_000_000_000 }, Overlap::Allow, None),
    ] {
        let given = RecurringSpec { owner, misfire, overlap, template: full_job(), ..spec(id) };
        w.storage.recurring_upsert(given.clone(), next_at).await?;
        let stored = get(w, id).await?;
        assert_eq!(said(&stored.spec), said(&given));
        assert_eq!((stored.next_at, stored.last_at, stored.last_job), (next_at, None, None));
    }
    assert_eq!(w.storage.recount().await?, [], "a definition is no job");
    Ok(())
}

pub(super) async fn an_update_keeps_the_next_time_unless_the_schedule_changed(w: &World<impl Fixture>) -> Result<()> {
    let first = w.now().await? + MINUTE;
    let (second, third, fourth) = (first + HOUR, first + 2 * HOUR, first + 3 * HOUR);
    let given = spec("report");
    w.storage.recurring_upsert(given.clone(), Some(first)).await?;
    let given = RecurringSpec { template: full_job(), misfire: Misfire::Skip, overlap: Overlap::Skip, ..given };
    w.storage.recurring_upsert(given.clone(), Some(second)).await?;
    let stored = get(w, "report").await?;
    assert_eq!((stored.next_at, said(&stored.spec)), (Some(first), said(&given)), "the rest is updated");
    let given = RecurringSpec { cron: "0 9 * * MON".into(), ..given };
    w.storage.recurring_upsert(given.clone(), Some(third)).await?;
    assert_eq!(get(w, "report").await?.next_at, Some(third), "the expression has changed");
    let given = RecurringSpec { zone: "UTC".into(), ..given };
    w.storage.recurring_upsert(given.clone(), Some(fourth)).await?;
    let stored = get(w, "report").await?;
    assert_eq!((stored.next_at, said(&stored.spec)), (Some(fourth), said(&given)), "the zone has changed");
    Ok(())
}

pub(super) async fn an_update_keeps_what_has_fired(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? - MINUTE;
    w.storage.recurring_upsert(spec("report"), Some(at)).await?;
    let fired = fire("report", at, Some(at + HOUR));
    let id = fired.jobs[0].1.id;
    assert_eq!(w.storage.recurring_fire(fired).await?, 1);
    let given = RecurringSpec { cron: "0 9 * * MON".into(), ..spec("report") };
    w.storage.recurring_upsert(given, Some(at + 2 * HOUR)).await?;
    let stored = get(w, "report").await?;
    assert_eq!((stored.last_at, stored.last_job), (Some(at), Some(id)));
    Ok(())
}

pub(super) async fn definitions_are_listed_by_id(w: &World<impl Fixture>) -> Result<()> {
    assert!(w.storage.recurring_list().await?.is_empty());
    for id in ["m", "a", "z", "b"] {
        w.storage.recurring_upsert(spec(id), None).await?;
    }
    let listed = w.storage.recurring_list().await?;
    let ids: Vec<&str> = listed.iter().map(|record| &*record.spec.id).collect();
    assert_eq!(ids, ["a", "b", "m", "z"]);
    Ok(())
}

pub(super) async fn a_removal_leaves_the_jobs(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? - MINUTE;
    for id in ["report", "other"] {
        w.storage.recurring_upsert(spec(id), Some(at)).await?;
    }
    let fired = fire("report", at, Some(at + HOUR));
    let id = fired.jobs[0].1.id;
    w.storage.recurring_fire(fired).await?;
    assert!(w.storage.recurring_remove("report").await?);
    assert!(!w.storage.recurring_remove("report").await?);
    assert!(w.storage.recurring_get("report").await?.is_none());
    let left = w.storage.recurring_list().await?;
    assert_eq!(left.iter().map(|record| &*record.spec.id).collect::<Vec<_>>(), ["other"]);
    assert_eq!(w.state(id).await?, State::Enqueued);
    let server = w.server().await?;
    w.take(server, &[id]).await?;
    Ok(())
}

/// The ids that are due, sorted, for a scheduler that declares these.
async fn due(w: &World<impl Fixture>, declared: &[&str]) -> Result<Vec<Arc<str>>> {
    let declared: Vec<Arc<str>> = declared.iter().map(|id| Arc::from(*id)).collect();
    let before = w.now().await?;
    let (now, records, _) = w.storage.recurring_due(&declared).await?;
    between(before, now, w.now().await?);
    assert!(records.iter().all(|record| record.next_at.is_some_and(|at| at <= now)), "{records:?}");
    let mut ids: Vec<Arc<str>> = records.into_iter().map(|record| record.spec.id).collect();
    ids.sort();
    Ok(ids)
}

pub(super) async fn due_definitions_are_found_by_the_database_clock(w: &World<impl Fixture>) -> Result<()> {
    let now = w.now().await?;
    let past = now - HOUR;
    let (soon, later) = (now + HOUR, now + 2 * HOUR);
    for (id, next_at) in [("past", Some(past)), ("soon", Some(soon)), ("later", Some(later)), ("never", None)] {
        w.storage.recurring_upsert(RecurringSpec { template: full_job(), ..spec(id) }, next_at).await?;
    }
    assert_eq!(due(w, &[]).await?, ["past".into()]);
    let (_, records, next) = w.storage.recurring_due(&[]).await?;
    assert_eq!(next, Some(soon), "the earliest that is not due yet");
    let stored = get(w, "past").await?;
    assert_eq!((said(&records[0].spec), records[0].next_at), (said(&stored.spec), Some(past)));
    w.advance(HOUR);
    assert_eq!(due(w, &[]).await?, ["past".into(), "soon".into()]);
    assert_eq!(w.storage.recurring_due(&[]).await?.2, Some(later));
    w.advance(HOUR);
    assert_eq!(due(w, &[]).await?, ["later".into(), "past".into(), "soon".into()]);
    assert_eq!(w.storage.recurring_due(&[]).await?.2, None);
    Ok(())
}

pub(super) async fn definitions_of_code_fire_only_where_declared(w: &World<impl Fixture>) -> Result<()> {
    let past = w.now().await? - HOUR;
    let code = |id: &str| RecurringSpec { owner: Owner::Code, ..spec(id) };
    w.storage.recurring_upsert(code("code"), Some(past)).await?;
    w.storage.recurring_upsert(code("old code"), Some(past)).await?;
    w.storage.recurring_upsert(spec("tenant"), Some(past)).await?;
    assert_eq!(due(w, &[]).await?, ["tenant".into()]);
    assert_eq!(due(w, &["code", "unknown"]).await?, ["code".into(), "tenant".into()]);
    assert_eq!(due(w, &["old code", "code", "tenant"]).await?, ["code".into(), "old code".into(), "tenant".into()]);
    assert_eq!(w.storage.recurring_due(&[]).await?.2, None, "what is not declared does not become due");
    Ok(())
}

pub(super) async fn a_trigger_makes_a_job_beside_the_schedule(w: &World<impl Fixture>) -> Result<()> {
    let next_at = w.now().await? + HOUR;
    w.storage.recurring_upsert(spec("report"), Some(next_at)).await?;
    let given = full_job();
    assert!(w.storage.recurring_trigger("report", given.clone()).await?);
    let record = w.get(given.id).await?;
    assert_eq!((record.state, record.payload), (State::Enqueued, given.payload));
    assert_eq!(get(w, "report").await?.next_at, Some(next_at));
    assert!(w.storage.recurring_trigger("report", job()).await?, "as often as one likes");
    let server = w.server().await?;
    assert_eq!(w.claim_ids(super::make::ask(server, 9)).await?.len(), 2);
    Ok(())
}

pub(super) async fn an_unknown_definition_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? - MINUTE;
    assert!(!w.storage.recurring_trigger("unknown", job()).await?);
    assert_eq!(w.storage.recurring_fire(fire("unknown", at, None)).await?, 0);
    assert!(!w.storage.recurring_remove("unknown").await?);
    assert_eq!(w.storage.recount().await?, [], "no job was made");
    Ok(())
}
