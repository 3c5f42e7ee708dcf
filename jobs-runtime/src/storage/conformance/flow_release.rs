//! Continuations: what releases them, when, and what they find.

use super::{
    Fixture,
    flow::{after, child, endings, laned, returned, waits},
    kit::{CRASH_LIMIT, World, between},
    make::{HOUR, KIND, MINUTE, all, failure, finish, retry, success},
};
use crate::{
    Result, State,
    flow::{Condition, Ending, NodeId, Rule},
    storage::{Accepted, Due, End, Measure, NewFlow, NewJob},
};

/// When a child is attached to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Together,
    Before,
    While,
    After,
}

pub(super) async fn each_condition_is_met_by_its_endings_alone(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for moment in [Moment::Together, Moment::Before, Moment::While, Moment::After] {
        for condition in Condition::ALL {
            for (ending, end) in endings() {
                let parent = laned();
                let child = child(parent.id, condition);
                let (parent_id, id) = (parent.id, child.id);
                if moment == Moment::Together {
                    w.store_jobs([child.clone(), parent]).await?;
                } else {
                    w.insert(parent).await?;
                }
                if moment == Moment::Before {
                    w.store_jobs([child.clone()]).await?;
                }
                let run = w.claim_one(server, parent_id).await?;
                if moment == Moment::While {
                    w.store_jobs([child.clone()]).await?;
                }
                if moment != Moment::After {
                    assert_eq!(w.state(id).await?, State::Awaiting, "{moment:?}: its parent runs");
                }
                w.end_well(run, end).await?;
                if moment == Moment::After {
                    w.store_jobs([child]).await?;
                }
                let what = format!("{moment:?}, on {}, after {ending:?}", condition.as_str());
                if condition.is_met_by(ending) {
                    assert_eq!(w.state(id).await?, State::Enqueued, "{what}");
                    w.run(server, id, success()).await?;
                } else {
                    w.assert_unmet(id).await?;
                }
                let inputs = w.inputs(id).await?;
                assert_eq!(inputs.len(), 1, "{what}");
                assert_eq!((inputs[0].condition, inputs[0].ending), (condition, Some(ending)), "{what}");
            }
        }
    }
    assert_eq!(w.count(Measure::Stale).await?, 0);
    Ok(())
}

pub(super) async fn a_job_that_waits_may_be_stored_as_any_other(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let (parent_id, first, second) = (parent.id, child(parent.id, Condition::Success), laned());
    let second = NewJob { waits: after(first.id, Condition::Success), ..second };
    let ids = [parent_id, first.id, second.id];
    assert_eq!(w.storage.job_insert([parent].into()).await?, [true]);
    assert_eq!(w.storage.job_insert([first.clone(), second].into()).await?, [true, true]);
    assert_eq!(w.states(ids).await?, [State::Enqueued, State::Awaiting, State::Awaiting]);
    assert_eq!(w.storage.job_insert([first].into()).await?, [false], "a resend changes nothing");
    w.run_all(server, &ids, &success()).await?;
    assert_eq!(w.states(ids).await?, [State::Succeeded; 3]);
    Ok(())
}

pub(super) async fn a_delay_counts_from_the_release(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let delayed = NewJob { due: Due::In(HOUR), ..child(parent.id, Condition::Success) };
    let [parent, delayed] = w.store_jobs([parent, delayed]).await?;
    w.advance(3 * HOUR);
    w.beat(server, &[KIND]).await?;
    let earliest = w.now().await?;
    w.run(server, parent, success()).await?;
    let latest = w.now().await?;
    let record = w.get(delayed).await?;
    assert_eq!(record.state, State::Scheduled);
    between(earliest + HOUR, record.due_at, latest + HOUR);

    // The same where the parent has ended before.
    let earliest = w.now().await?;
    let [late] = w.store_jobs([NewJob { due: Due::In(HOUR), ..child(parent, Condition::Success) }]).await?;
    let latest = w.now().await?;
    let record = w.get(late).await?;
    assert_eq!(record.state, State::Scheduled);
    between(earliest + HOUR, record.due_at, latest + HOUR);
    w.wait(HOUR - MINUTE, &[server]).await?;
    assert_eq!(w.states([delayed, late]).await?, [State::Scheduled; 2]);
    w.wait(2 * MINUTE, &[server]).await?;
    w.run_all(server, &[delayed, late], &success()).await
}

pub(super) async fn an_instant_is_waited_for_beside_the_parent(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let now = w.now().await?;
    let (soon, later) = (now + HOUR, now + 5 * HOUR);
    let at = |instant| NewJob { due: Due::At(instant), ..child(parent.id, Condition::Success) };
    let (soon_job, later_job) = (at(soon), at(later));
    let [parent, soon_id, later_id] = w.store_jobs([parent, soon_job, later_job]).await?;
    w.wait(2 * HOUR, &[server]).await?;
    assert_eq!(w.states([soon_id, later_id]).await?, [State::Awaiting; 2], "the instant alone releases nothing");
    let earliest = w.now().await?;
    w.run(server, parent, success()).await?;
    let latest = w.now().await?;
    let record = w.get(soon_id).await?;
    assert_eq!(record.state, State::Enqueued, "its instant has passed");
    between(soon, record.due_at, latest);
    let record = w.get(later_id).await?;
    assert_eq!((record.state, record.due_at), (State::Scheduled, later));
    let [now_job] = w.store_jobs([child(parent, Condition::Success)]).await?;
    between(earliest, w.get(now_job).await?.due_at, w.now().await?);
    w.wait(4 * HOUR, &[server]).await?;
    w.run_all(server, &[soon_id, later_id, now_job], &success()).await
}

pub(super) async fn an_expiry_counts_from_the_release(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let expires = |due| NewJob { due, expires: Some(HOUR), ..child(parent.id, Condition::Success) };
    let (at_once, delayed) = (expires(Due::Now), expires(Due::In(HOUR)));
    let [parent, at_once, delayed] = w.store_jobs([parent, at_once, delayed]).await?;
    w.wait(5 * HOUR, &[server]).await?;
    w.run(server, parent, success()).await?;
    for (id, wait) in [(at_once, MINUTE), (delayed, HOUR)] {
        w.wait(wait, &[server]).await?;
        let record = w.get(id).await?;
        assert_eq!(record.expires_at, Some(record.due_at + HOUR), "{record:?}");
        let request = crate::storage::ClaimRequest { queues: vec![record.queue.into()], ..super::make::ask(server, 1) };
        let chunks = w.storage.claim(request).await?;
        assert!(!chunks[0].jobs[0].expired, "it has just been released: {chunks:?}");
    }
    Ok(())
}

pub(super) async fn an_unmet_condition_cascades_with_its_reason(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = laned();
    let first = child(parent.id, Condition::Success);
    let second = child(first.id, Condition::Success);
    let third = child(second.id, Condition::Finished);
    let rescue = child(first.id, Condition::Deleted);
    let caught = child(parent.id, Condition::Failure);
    let [parent, first, second, third, rescue, caught] =
        w.store_jobs([parent, first, second, third, rescue, caught]).await?;
    w.run(server, parent, failure()).await?;
    w.assert_unmet(first).await?;
    w.assert_unmet(second).await?;
    for id in [third, rescue, caught] {
        w.run(server, id, success()).await?;
    }
    let why = w.inputs(third).await?;
    assert_eq!(why[0].ending, Some(Ending::Deleted));
    assert_eq!(why[0].reason, w.get(second).await?.reason, "the parent's reason is handed on");
    assert_eq!(w.inputs(caught).await?[0].reason.as_deref(), Some("no such customer"));
    assert_eq!(w.count(Measure::Deleted).await?, 2);
    Ok(())
}

pub(super) async fn chains_and_trees_run_to_their_ends(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut chain = vec![laned()];
    for at in 0..20 {
        chain.push(child(chain[at].id, Condition::Success));
    }
    let mut tree = vec![laned()];
    for at in 0..13 {
        for _ in 0..3 {
            tree.push(child(tree[at].id, Condition::Finished));
        }
    }
    let leaves: Vec<_> = tree[13..].iter().map(|leaf| (NodeId::from(leaf.id), Condition::Success)).collect();
    assert_eq!(leaves.len(), 27);
    let join = NewJob { waits: waits(Rule::All, leaves), ..laned() };
    let join_id = join.id;
    let ids = [&chain, &tree].map(|jobs| jobs.iter().map(|job| job.id).collect::<Vec<_>>());
    // In no order of their own.
    let mut jobs = [chain, tree, vec![join]].concat();
    fastrand::Rng::with_seed(7).shuffle(&mut jobs);
    w.store(Vec::new(), jobs).await?;
    let waiting = w.storage.job_list(all(State::Awaiting)).await?.jobs;
    assert_eq!(waiting.len(), 20 + 39 + 1);
    for ids in ids {
        w.run_all(server, &ids, &success()).await?;
    }
    w.run(server, join_id, success()).await?;
    assert_eq!(w.inputs(join_id).await?.len(), 27);
    Ok(())
}

pub(super) async fn an_attach_that_races_with_the_end_is_released(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    let server = w.server().await?;
    for _ in 0..12 {
        let parent = laned();
        let run = w.start(server, parent).await?;
        let child = child(run.id, Condition::Success);
        let child_id = child.id;
        let (ended, stored) = tokio::join!(
            w.storage.finish(server, vec![finish(run.id, run.fence, returned(b"x"))]),
            other.flow_insert(NewFlow { batches: Vec::new(), jobs: vec![child] }),
        );
        assert_eq!((ended?, stored?), (vec![Accepted::Yes], vec![true]));
        w.run(server, child_id, success()).await?;
        assert_eq!(w.inputs(child_id).await?[0].output.as_deref(), Some(&b"x"[..]));
    }
    Ok(())
}

pub(super) async fn many_children_of_one_parent_are_released(w: &World<impl Fixture>) -> Result<()> {
    const CHILDREN: usize = 2_500;
    let server = w.server().await?;
    let parent = laned();
    let run = w.start(server, parent).await?;
    let on = |at: usize| if at.is_multiple_of(5) { Condition::Failure } else { Condition::Success };
    let lane: std::sync::Arc<str> = "children".into();
    let jobs = (0..CHILDREN).map(|at| NewJob { queue: lane.clone(), ..child(run.id, on(at)) });
    w.store(Vec::new(), jobs.collect()).await?;
    w.end_well(run, returned(b"to all")).await?;
    w.settle().await?;
    let totals = w.storage.recount().await?;
    let sum = |state| super::kit::sum(&totals, state) as usize;
    assert_eq!((sum(State::Enqueued), sum(State::Deleted)), (CHILDREN / 5 * 4, CHILDREN / 5));
    assert_eq!(sum(State::Awaiting), 0);
    let request = crate::storage::ClaimRequest { queues: vec![lane], ..super::make::ask(server, CHILDREN) };
    let chunks = w.storage.claim(request).await?;
    let ends = |chunk: &crate::storage::Chunk| -> Vec<_> {
        chunk.jobs.iter().map(|job| finish(job.id, chunk.fence, success())).collect()
    };
    let mut done = 0;
    for chunk in &chunks {
        let answers = w.storage.finish(server, ends(chunk)).await?;
        done += answers.iter().filter(|answer| **answer == Accepted::Yes).count();
    }
    assert_eq!(done, CHILDREN / 5 * 4);
    Ok(())
}

pub(super) async fn what_is_no_end_releases_nothing(w: &World<impl Fixture>) -> Result<()> {
    for what in ["retry", "snooze", "hand back", "rescue"] {
        let server = w.server().await?;
        let parent = laned();
        let child = child(parent.id, Condition::Finished);
        let [parent, child] = w.store_jobs([parent, child]).await?;
        let run = w.claim_one(server, parent).await?;
        match what {
            "retry" => w.end_well(run, retry()).await?,
            "snooze" => w.end_well(run, End::Snoozed { delay: HOUR }).await?,
            "hand back" => w.end_well(run, End::HandedBack).await?,
            _ => assert_eq!(w.crash_all().await?.requeued, 1),
        }
        assert_eq!(w.state(child).await?, State::Awaiting, "{what}");
        let server = w.server().await?;
        w.wait(HOUR, &[server]).await?;
        w.run(server, parent, returned(b"at last")).await?;
        w.run(server, child, success()).await?;
        assert_eq!(w.inputs(child).await?[0].output.as_deref(), Some(&b"at last"[..]), "{what}");
    }
    Ok(())
}

pub(super) async fn a_rescue_that_ends_a_parent_releases(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = NewJob { max_attempts: 1, ..laned() };
    let (unmet, caught) = (child(parent.id, Condition::Success), child(parent.id, Condition::Failure));
    let [parent, unmet, caught] = w.store_jobs([parent, unmet, caught]).await?;
    w.claim_one(server, parent).await?;
    assert_eq!(w.crash_all().await?.failed, 1);
    w.assert_unmet(unmet).await?;
    assert_eq!(w.inputs(caught).await?[0].reason, w.get(parent).await?.reason);
    let server = w.server().await?;
    w.run(server, caught, success()).await?;

    let parent = laned();
    let caught = child(parent.id, Condition::Failure);
    let [parent, caught] = w.store_jobs([parent, caught]).await?;
    for crash in 1..=CRASH_LIMIT {
        assert_eq!(w.state(caught).await?, State::Awaiting, "before crash {crash}");
        let server = w.server().await?;
        w.claim_one(server, parent).await?;
        w.crash_all().await?;
    }
    let server = w.server().await?;
    w.run(server, caught, success()).await
}
