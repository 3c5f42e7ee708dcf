//! Jobs that wait are put in other lanes and given other args, and recurring jobs other times.

use std::sync::Arc;

use super::{
    Fixture,
    audit::change,
    flow::{after, batch, child, laned},
    kit::{Running, World},
    make::{HOUR, KIND, MINUTE, QUEUE, SECOND, ask, failure, job, job_due, job_of, job_with, names, spec, success},
};
use crate::{
    Fence, JobId, Result, State,
    flow::Condition,
    storage::{Acted, Change, ClaimRequest, Deed, Due, EventKind, JobRecord, NewBatch, NewJob, SharedStorage},
};

fn to(queue: &str) -> Change {
    Change::Move { queue: queue.into() }
}

/// A request for jobs of the queue `mail`.
fn from_mail(server: crate::ServerId, slots: usize) -> ClaimRequest {
    ClaimRequest { queues: vec!["mail".into()], ..ask(server, slots) }
}

async fn edit(w: &World<impl Fixture>, seen: &JobRecord, payload: &[u8]) -> Result<bool> {
    w.change(seen.id, Change::Edit { payload: payload.to_vec(), fence: seen.fence }).await
}

pub(super) async fn a_job_that_waits_is_moved_and_nothing_else(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let ready = w.insert(NewJob { expires: Some(HOUR), ..job() }).await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, super::make::retry()).await?;
    for id in [ready, run.id] {
        let before = w.get(id).await?;
        assert!(w.change(id, to("mail")).await?);
        let after = w.get(id).await?;
        assert!(after.fence > before.fence, "whoever read it before knows that it has changed");
        assert_eq!(after, JobRecord { queue: "mail".into(), fence: after.fence, ..before.clone() });
        let told = w.storage.job_events(id).await?.pop().expect("an entry");
        assert_eq!((told.what, told.text), (EventKind::Moved, format!("from {} to mail", before.queue)));
    }
    assert_eq!(w.claim_ids(ask(server, 9)).await?, [], "it has left the queue");
    assert_eq!(w.claim_ids(from_mail(server, 9)).await?, [ready]);
    w.advance(HOUR);
    w.storage.promote(9).await?;
    w.beat(server, &[KIND]).await?;
    assert_eq!(w.claim_ids(from_mail(server, 9)).await?, [run.id], "its time has come");
    Ok(())
}

pub(super) async fn a_priority_sets_the_order_anew(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let ids = w.insert_all(vec![job_with(5), job(), job(), job_due(Due::In(MINUTE))]).await?;
    assert!(w.change(ids[2], Change::Prioritize(i16::MAX)).await?);
    assert!(w.change(ids[0], Change::Prioritize(i16::MIN)).await?);
    assert!(w.change(ids[3], Change::Prioritize(1)).await?);
    assert!(w.change(ids[1], Change::Prioritize(0)).await?, "to what it was");
    let told = w.storage.job_events(ids[0]).await?.pop().expect("an entry");
    assert_eq!((told.what, &*told.text), (EventKind::Prioritized, "from 5 to -32768"));
    w.advance(MINUTE + SECOND);
    w.storage.promote(9).await?;
    assert_eq!(w.claim_ids(ask(server, 9)).await?, [ids[2], ids[3], ids[1], ids[0]]);
    Ok(())
}

pub(super) async fn a_job_that_waits_for_others_runs_in_its_new_lane(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let (waits, held) = (child(parent.id, Condition::Success), NewBatch { sealed: false, ..batch() });
    let member = NewJob { batch: Some(held.id), waits: after(parent.id, Condition::Finished), ..job() };
    let free = NewJob { batch: Some(held.id), ..job() };
    let (run, ids, held_id) = (parent.id, [waits.id, member.id, free.id], held.id);
    w.store(vec![held], vec![parent, waits, member, free]).await?;
    for id in ids {
        assert!(w.change(id, to("mail")).await?);
        assert!(w.change(id, Change::Prioritize(3)).await?);
        assert!(edit(w, &w.get(id).await?, b"edited").await?);
        assert_eq!(w.state(id).await?, State::Awaiting);
    }
    w.storage.batch_seal(held_id).await?;
    let run = w.claim_one(server, run).await?;
    w.end_well(run, success()).await?;
    w.settle().await?;
    let chunks = w.storage.claim(from_mail(server, 9)).await?;
    let mut taken = super::kit::ids(&chunks);
    taken.sort();
    let mut expected = ids.to_vec();
    expected.sort();
    assert_eq!(taken, expected);
    for job in super::kit::jobs(&chunks) {
        assert_eq!((job.priority, &*job.payload), (3, b"edited".as_slice()));
    }
    Ok(())
}

pub(super) async fn a_job_that_is_set_aside_may_be_moved(w: &World<impl Fixture>) -> Result<()> {
    w.server().await?;
    let id = w.insert(job_of("strange")).await?;
    assert_eq!(w.storage.park(9).await?, 1);
    assert!(w.change(id, to("mail")).await?);
    assert!(w.change(id, Change::Prioritize(-3)).await?);
    assert!(edit(w, &w.get(id).await?, b"edited").await?);
    assert!(w.get(id).await?.parked, "still, nobody runs its kind");
    assert_eq!(w.storage.park(9).await?, 0);
    let other = w.serve(&["strange"]).await?;
    assert_eq!(w.storage.park(9).await?, 1, "somebody runs it");
    let request = ClaimRequest { kinds: names(&["strange"]), ..from_mail(other, 1) };
    assert_eq!(w.claim_ids(request).await?, [id]);
    Ok(())
}

pub(super) async fn a_suspect_stays_one_in_its_new_lane(w: &World<impl Fixture>) -> Result<()> {
    let id = w.suspect(job()).await?;
    let server = w.server().await?;
    assert!(w.change(id, to("mail")).await?);
    assert_eq!(w.get(id).await?.crashes, 1);
    let chunks = w.storage.claim(from_mail(server, 9)).await?;
    assert!(chunks.len() == 1 && chunks[0].suspect, "{chunks:?}");
    Ok(())
}

/// Changes jobs in the course of another process's work on them, and gives which changes took effect.
async fn change_meanwhile(storage: SharedStorage, ids: Vec<JobId>, change: Change) -> Result<Vec<JobId>> {
    let mut effects = Vec::new();
    for id in ids {
        let changed = storage.job_change(id, change.clone(), None).await?.expect("the job is stored");
        if changed.took_effect {
            effects.push(id);
        }
    }
    Ok(effects)
}

pub(super) async fn moves_that_race_with_claims_lose_no_job(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for _ in 0..5 {
        let ids = w.insert_many(10).await?;
        let claims = async {
            let mut taken = Vec::new();
            for _ in 0..5 {
                taken.extend(w.claim_ids(ask(server, 2)).await?);
            }
            Ok::<_, crate::Error>(taken)
        };
        let backwards = ids.iter().rev().copied().collect();
        let (taken, moved) = tokio::join!(claims, change_meanwhile(w.another().await?, backwards, to("mail")));
        let (mut taken, moved) = (taken?, moved?);
        for id in &ids {
            let at = if moved.contains(id) { "mail" } else { QUEUE };
            assert_eq!(w.get(*id).await?.queue, at, "what took effect holds");
        }
        taken.extend(w.claim_ids(from_mail(server, 10)).await?);
        taken.extend(w.claim_ids(ask(server, 10)).await?);
        taken.sort();
        assert_eq!(taken, ids, "each is claimed once");
    }
    Ok(())
}

pub(super) async fn moves_that_race_with_promotion_lose_no_job(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for _ in 0..5 {
        let ids = w.insert_all((0..10).map(|_| job_due(Due::In(MINUTE))).collect()).await?;
        w.advance(MINUTE + SECOND);
        let promotes = async {
            for _ in 0..5 {
                w.storage.promote(2).await?;
            }
            Ok::<_, crate::Error>(())
        };
        let backwards = ids.iter().rev().copied().collect();
        let (promoted, moved) = tokio::join!(promotes, change_meanwhile(w.another().await?, backwards, to("mail")));
        promoted?;
        assert_eq!(moved?.len(), 10, "whether it is due or not, it waits");
        w.storage.promote(10).await?;
        w.beat(server, &[KIND]).await?;
        let mut taken = w.claim_ids(from_mail(server, 10)).await?;
        taken.sort();
        assert_eq!(taken, ids);
    }
    Ok(())
}

pub(super) async fn args_are_edited_where_the_job_does_not_run(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in [State::Scheduled, State::Enqueued, State::Failed, State::Deleted] {
        let id = w.job_in_state(server, state).await?;
        let before = w.get(id).await?;
        assert!(edit(w, &before, b"edited").await?, "of a job that is {state}");
        let after = w.get(id).await?;
        assert_eq!(after, JobRecord { payload: b"edited".to_vec(), fence: after.fence, ..before });
        let told = w.storage.job_events(id).await?.pop().expect("an entry");
        assert_eq!(told.what, EventKind::Edited);
        if state != State::Enqueued {
            assert!(w.change(id, Change::Requeue).await?);
        }
        let run = w.claim_one(server, id).await?;
        assert_eq!(w.get(run.id).await?.payload, b"edited");
    }
    for state in [State::Processing, State::Succeeded] {
        let id = w.job_in_state(server, state).await?;
        let before = w.get(id).await?;
        assert!(!edit(w, &before, b"edited").await?, "of a job that is {state}");
        assert_eq!(w.get(id).await?, before);
    }
    Ok(())
}

pub(super) async fn an_edit_of_what_has_changed_is_refused(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.insert(laned()).await?;
    let seen = w.get(id).await?;
    assert!(edit(w, &seen, b"first").await?);
    assert!(!edit(w, &seen, b"second").await?, "somebody else was first");
    let seen = w.get(id).await?;
    let run = w.claim_one(server, id).await?;
    w.end_well(run, failure()).await?;
    assert!(!edit(w, &seen, b"second").await?, "it has run meanwhile");
    for change in [Change::Requeue, Change::Reschedule(Due::In(HOUR)), to("mail"), Change::Prioritize(1)] {
        let seen = w.get(id).await?;
        assert!(w.change(id, change.clone()).await?);
        assert!(!edit(w, &seen, b"second").await?, "after {change:?}");
    }
    let other = Change::Edit { payload: b"second".to_vec(), fence: Fence(i64::MAX) };
    assert!(!w.change(id, other).await?);
    assert_eq!(w.get(id).await?.payload, b"first");
    Ok(())
}

pub(super) async fn edits_that_race_with_claims_have_one_winner(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.another().await?);
    for _ in 0..10 {
        let id = w.insert(job()).await?;
        let fence = w.get(id).await?.fence;
        let edit = Change::Edit { payload: b"edited".to_vec(), fence };
        let (chunks, changed) = tokio::join!(w.storage.claim(ask(server, 1)), other.job_change(id, edit, None));
        let (mut chunks, edited) = (chunks?, changed?.expect("the job is stored").took_effect);
        if chunks.is_empty() {
            // The edit held the job while the claim looked.
            chunks = w.storage.claim(ask(server, 1)).await?;
        }
        let ran_with: &[u8] = if edited { b"edited" } else { b"args" };
        assert_eq!(chunks[0].jobs[0].payload, ran_with, "what took effect is what it runs with");
        assert_eq!(w.get(id).await?.payload, ran_with);
        w.end_well(Running { server, id, fence: chunks[0].fence }, success()).await?;
    }
    Ok(())
}

pub(super) async fn a_skip_leaves_one_occurrence_out(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? + MINUTE;
    w.storage.recurring_upsert(spec("digest"), Some(at)).await?;
    w.storage.recurring_upsert(spec("never"), None).await?;
    let skip = |id: &str, next| Deed::Skip { recurring: id.into(), expected: at, next };
    assert_eq!(w.act(skip("digest", Some(at + HOUR))).await?, Acted::Done);
    assert_eq!(w.act(skip("digest", Some(at + HOUR))).await?, Acted::Refused, "it has moved on");
    assert_eq!(w.act(skip("never", Some(at))).await?, Acted::Refused);
    assert_eq!(w.act(skip("unknown", None)).await?, Acted::Missing);
    let stored = w.storage.recurring_get("digest").await?.expect("it is stored");
    assert_eq!(stored.next_at, Some(at + HOUR));
    w.advance(2 * MINUTE);
    assert!(w.storage.recurring_due(&[]).await?.1.is_empty(), "nothing fires at the time that was skipped");
    w.advance(HOUR);
    assert_eq!(w.storage.recurring_due(&[]).await?.1.len(), 1);
    Ok(())
}

pub(super) async fn an_alteration_changes_what_was_made_at_run_time(w: &World<impl Fixture>) -> Result<()> {
    let said = |cron: &str, zone: &str| (cron.to_owned(), zone.to_owned());
    let at = w.now().await? + HOUR;
    w.storage.recurring_upsert(spec("digest"), Some(at)).await?;
    let old = said(&spec("").cron, &spec("").zone);
    let new = said("5 4 * * *", "Europe/Istanbul");
    let alter = |id: &str| Deed::Alter {
        recurring: Arc::from(id),
        seen: old.clone(),
        to: new.clone(),
        next: Some(at + MINUTE),
    };
    assert_eq!(w.act(alter("unknown")).await?, Acted::Missing);
    assert_eq!(w.act(alter("digest")).await?, Acted::Done);
    assert_eq!(w.act(alter("digest")).await?, Acted::Refused, "somebody has changed it meanwhile");
    let stored = w.storage.recurring_get("digest").await?.expect("it is stored");
    assert_eq!((&stored.spec.cron, &stored.spec.zone, stored.next_at), (&new.0, &new.1, Some(at + MINUTE)));
    // Declared once more as it was, by a program that knows nothing of the alteration, it is so again.
    w.storage.recurring_upsert(spec("digest"), Some(at)).await?;
    let stored = w.storage.recurring_get("digest").await?.expect("it is stored");
    assert_eq!((said(&stored.spec.cron, &stored.spec.zone), stored.next_at), (old, Some(at)));
    let id = w.insert(job()).await?;
    w.act(change(id, Change::Prioritize(4))).await?;
    let detail = serde_json::json!({ "before": { "state": "enqueued", "priority": 0 }, "after": { "priority": 4 } });
    assert_eq!(w.last_act().await?.detail, Some(detail));
    Ok(())
}
