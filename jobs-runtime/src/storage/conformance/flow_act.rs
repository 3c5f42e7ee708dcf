//! What operators do to jobs that wait and to what they wait for.

use super::{
    Fixture,
    flow::{child, laned, returned, waits},
    kit::{World, between},
    make::{HOUR, MINUTE, SECOND, all, failure, success},
};
use crate::{
    Result, State,
    flow::{Condition, Ending, NodeId, Rule},
    storage::{Change, Due, EventKind, NewJob},
};

fn delete() -> Change {
    Change::Delete { reason: "sold out".into() }
}

fn cancel() -> Change {
    Change::Cancel { reason: "sold out".into() }
}

pub(super) async fn a_job_that_waits_can_be_deleted(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for change in [delete(), cancel()] {
        let parent = laned();
        let first = child(parent.id, Condition::Success);
        let second = child(first.id, Condition::Success);
        let caught = child(first.id, Condition::Deleted);
        let [parent, first, second, caught] = w.store_jobs([parent, first, second, caught]).await?;
        assert!(w.change(first, change.clone()).await?);
        assert_eq!(w.assert_unmet(first).await?.reason.as_deref(), Some("sold out"));
        w.assert_unmet(second).await?;
        assert_eq!(w.inputs(caught).await?[0].reason.as_deref(), Some("sold out"));
        w.run(server, caught, success()).await?;
        w.run(server, parent, success()).await?;
        assert_eq!(w.state(first).await?, State::Deleted, "{change:?}: its parent's end does not revive it");
        assert!(!w.change(first, change).await?, "twice");
    }
    Ok(())
}

pub(super) async fn a_job_that_waits_can_be_made_to_run(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for end in [success(), failure()] {
        let (parent, other) = (laned(), laned());
        let pairs = [parent.id, other.id].map(|id| (NodeId::from(id), Condition::Success));
        let job = NewJob { waits: waits(Rule::All, pairs), ..laned() };
        let grandchild = child(job.id, Condition::Success);
        let [parent, other, id, grandchild] = w.store_jobs([parent, other, job, grandchild]).await?;
        w.run(server, parent, returned(b"one of two")).await?;
        assert!(w.change(id, Change::Requeue).await?);
        assert_eq!(w.states([id, grandchild]).await?, [State::Enqueued, State::Awaiting]);
        w.run(server, id, success()).await?;
        w.run(server, grandchild, success()).await?;
        w.run(server, other, end).await?;
        assert_eq!(w.state(id).await?, State::Succeeded, "it does not wait for the other any more");
        let endings: Vec<_> = w.inputs(id).await?.into_iter().map(|input| input.ending).collect();
        assert_eq!(endings[0], Some(Ending::Succeeded));
    }
    Ok(())
}

pub(super) async fn a_job_that_waits_can_be_given_a_time(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for end in [success(), failure()] {
        let parent = laned();
        let job = child(parent.id, Condition::Success);
        let [parent, id] = w.store_jobs([parent, job]).await?;
        let earliest = w.now().await?;
        assert!(w.change(id, Change::Reschedule(Due::In(HOUR))).await?);
        let record = w.get(id).await?;
        assert_eq!(record.state, State::Scheduled);
        between(earliest + HOUR, record.due_at, w.now().await? + HOUR);
        w.run(server, parent, end).await?;
        assert_eq!(w.state(id).await?, State::Scheduled, "it waits for its time alone");
        w.wait(HOUR + MINUTE, &[server]).await?;
        w.run(server, id, success()).await?;
    }
    Ok(())
}

pub(super) async fn a_requeue_of_a_final_parent_releases_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let on = |condition| child(parent.id, condition);
    let (good, bad, any) = (on(Condition::Success), on(Condition::Failure), on(Condition::Finished));
    let [parent, good, bad, any] = w.store_jobs([parent, good, bad, any]).await?;
    w.run(server, parent, returned(b"first")).await?;
    w.run(server, good, success()).await?;
    w.assert_unmet(bad).await?;
    assert!(w.change(parent, Change::Requeue).await?);
    w.run(server, parent, failure()).await?;
    assert_eq!(w.states([good, bad, any]).await?, [State::Succeeded, State::Deleted, State::Enqueued]);
    w.run(server, any, success()).await?;
    assert_eq!(w.inputs(any).await?[0].output.as_deref(), Some(&b"first"[..]), "what released it");

    // What is attached now sees how it ended last.
    let late = w.store_jobs([child(parent, Condition::Success), child(parent, Condition::Failure)]).await?;
    assert_eq!(w.states(late).await?, [State::Deleted, State::Enqueued]);
    assert!(w.change(parent, Change::Requeue).await?);
    let [waits] = w.store_jobs([child(parent, Condition::Success)]).await?;
    assert_eq!(w.state(waits).await?, State::Awaiting, "the parent is to run again");
    w.run(server, parent, success()).await?;
    w.run(server, waits, success()).await
}

pub(super) async fn a_child_may_be_run_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let (met, unmet) = (child(parent.id, Condition::Success), child(parent.id, Condition::Failure));
    let after_unmet = child(unmet.id, Condition::Success);
    let [parent, met, unmet, after_unmet] = w.store_jobs([parent, met, unmet, after_unmet]).await?;
    w.run(server, parent, returned(b"kept")).await?;
    w.run(server, met, failure()).await?;
    for id in [met, unmet] {
        assert!(w.change(id, Change::Requeue).await?, "what has ended may be run again");
        assert_eq!(w.state(id).await?, State::Enqueued, "it waits for nothing any more");
        assert_eq!(w.inputs(id).await?[0].output.as_deref(), Some(&b"kept"[..]));
        w.run(server, id, success()).await?;
    }
    assert_eq!(w.state(after_unmet).await?, State::Deleted, "what was decided stays so");
    Ok(())
}

pub(super) async fn a_deletion_of_a_parent_is_an_end(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for from in [State::Scheduled, State::Enqueued, State::Processing] {
        let id = w.job_in_state(server, from).await?;
        let (unmet, caught) = (child(id, Condition::Success), child(id, Condition::Deleted));
        let [unmet, caught] = w.store_jobs([unmet, caught]).await?;
        assert!(w.change(id, delete()).await?, "{from}");
        w.assert_unmet(unmet).await?;
        assert_eq!(w.inputs(caught).await?[0].reason.as_deref(), Some("sold out"), "{from}");
        w.run(server, caught, success()).await?;
    }
    Ok(())
}

pub(super) async fn a_parent_that_failed_and_is_deleted_ended_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let (caught, unmet) = (child(parent.id, Condition::Failure), child(parent.id, Condition::Deleted));
    let [parent, caught, unmet] = w.store_jobs([parent, caught, unmet]).await?;
    w.run(server, parent, failure()).await?;
    assert!(w.change(parent, delete()).await?, "a failed job may be deleted");
    w.assert_unmet(unmet).await?;
    w.run(server, caught, success()).await?;
    assert_eq!(w.inputs(caught).await?[0].ending, Some(Ending::Failed));
    Ok(())
}

pub(super) async fn a_cancel_of_a_running_parent_leaves_the_end_to_it(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, laned()).await?;
    let [id] = w.store_jobs([child(run.id, Condition::Success)]).await?;
    assert!(w.change(run.id, cancel()).await?);
    assert_eq!(w.state(id).await?, State::Awaiting, "the parent still runs");
    w.end_well(run, success()).await?;
    w.run(server, id, success()).await
}

pub(super) async fn a_parent_that_is_not_kept_releases(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for end in [returned(b"gone"), failure()] {
        let parent = NewJob { retain: Some(std::time::Duration::ZERO), ..laned() };
        let [parent, id] = {
            let child = child(parent.id, Condition::Finished);
            w.store_jobs([parent, child]).await?
        };
        w.run(server, parent, end.clone()).await?;
        w.wait(2 * MINUTE, &[server]).await?;
        while w.storage.clean(100).await? == 100 {}
        assert_eq!(w.storage.job_get(parent).await?, None);
        let inputs = w.inputs(id).await?;
        match end {
            crate::storage::End::Succeeded { output } => assert_eq!(inputs[0].output, output),
            _ => assert_eq!(inputs[0].reason.as_deref(), Some("no such customer")),
        }
        w.run(server, id, success()).await?;
    }
    // A child that is not kept and never ran leaves nothing either.
    let parent = laned();
    let unkept = NewJob { retain: Some(std::time::Duration::ZERO), ..child(parent.id, Condition::Failure) };
    let grandchild = child(unkept.id, Condition::Deleted);
    let [parent, unkept, grandchild] = w.store_jobs([parent, unkept, grandchild]).await?;
    w.run(server, parent, success()).await?;
    w.wait(2 * MINUTE, &[server]).await?;
    while w.storage.clean(100).await? == 100 {}
    assert_eq!(w.storage.job_get(unkept).await?, None);
    w.run(server, grandchild, success()).await
}

pub(super) async fn what_waits_is_kept_however_long(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = NewJob { due: Due::In(1_000 * 24 * HOUR), ..laned() };
    let [parent, id] = {
        let child = child(parent.id, Condition::Success);
        w.store_jobs([parent, child]).await?
    };
    w.wait(999 * 24 * HOUR, &[server]).await?;
    while w.storage.clean(100).await? == 100 {}
    w.settle().await?;
    assert_eq!(w.states([parent, id]).await?, [State::Scheduled, State::Awaiting]);
    w.wait(25 * HOUR, &[server]).await?;
    w.run_all(server, &[parent, id], &success()).await
}

pub(super) async fn history_and_lists_tell_of_what_waits(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let (first, second) = (child(parent.id, Condition::Success), child(parent.id, Condition::Success));
    let [parent, first, second] = w.store_jobs([parent, first, second]).await?;
    let listed: Vec<_> = w.storage.job_list(all(State::Awaiting)).await?.into_iter().map(|job| job.id).collect();
    assert_eq!(listed, [second, first], "newest first");
    let page = w.storage.job_list(all(State::Awaiting).limit(1)).await?;
    let rest = all(State::Awaiting).at(page.next.expect("there is one more"));
    let listed: Vec<_> = w.storage.job_list(rest).await?.into_iter().map(|job| job.id).collect();
    assert_eq!(listed, [first]);
    w.wait(SECOND, &[server]).await?;
    w.run(server, parent, failure()).await?;
    for id in [first, second] {
        let record = w.assert_unmet(id).await?;
        let events = w.storage.job_events(id).await?;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!((events[0].what, Some(&events[0].text)), (EventKind::Deleted, record.reason.as_ref()));
        assert_eq!(record.finished_at, w.get(parent).await?.finished_at, "in the transaction of the parent's end");
    }
    Ok(())
}
