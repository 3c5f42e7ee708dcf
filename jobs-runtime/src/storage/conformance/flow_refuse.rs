//! Flows that are not stored, because they name what is not there or would wait for themselves.

use super::{
    Fixture,
    flow::{after, all_of, batch, child, laned, member, nested, waits},
    kit::World,
    make::success,
};
use crate::{
    BatchId, Error, JobId, Result, State,
    flow::{Condition, NodeId, Rule},
    storage::{BatchFilter, NewBatch, NewFlow, NewJob},
};

async fn insert(w: &World<impl Fixture>, batches: Vec<NewBatch>, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
    w.storage.flow_insert(NewFlow { batches, jobs }).await
}

/// The flow is refused as a mistake of the program's, and nothing of it is stored.
async fn refuse(w: &World<impl Fixture>, what: &str, batches: Vec<NewBatch>, jobs: Vec<NewJob>) -> Result<()> {
    let recount = w.storage.recount().await?;
    let ids: Vec<_> = batches.iter().map(|batch| batch.id).collect();
    let known = w.storage.batch_list(BatchFilter { limit: 1_000, ..BatchFilter::default() }).await?;
    match insert(w, batches, jobs).await {
        Err(Error::Config(text)) => assert!(!text.is_empty(), "{what}"),
        other => panic!("{what}: {other:?}"),
    }
    assert_eq!(w.storage.recount().await?, recount, "{what}: no job is stored");
    for id in ids.iter().filter(|id| known.iter().all(|batch| batch.id != **id)) {
        assert_eq!(w.storage.batch_get(*id).await?, None, "{what}: no batch is stored");
    }
    assert_eq!(w.storage.check().await?, Vec::<String>::new(), "{what}");
    Ok(())
}

pub(super) async fn an_unknown_parent_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let known = w.insert(laned()).await?;
    let (job, no_batch) = (JobId::new(), BatchId::new());
    for parent in [NodeId::from(job), NodeId::from(no_batch)] {
        let good = laned();
        let good_id = good.id;
        let pairs = [(known.into(), Condition::Success), (parent, Condition::Success)];
        let bad = NewJob { waits: waits(Rule::Any, pairs), ..laned() };
        let bad_id = bad.id;
        match insert(w, vec![batch()], vec![good.clone(), bad.clone()]).await {
            Err(error @ Error::NoParent(_)) => {
                assert!(error.to_string().contains(&parent.to_string()), "it says which: {error}")
            }
            other => panic!("{other:?}"),
        }
        assert_eq!((w.storage.job_get(good_id).await?, w.storage.job_get(bad_id).await?), (None, None));
        assert!(matches!(w.storage.job_insert([good, bad].into()).await, Err(Error::NoParent(_))));
        assert_eq!((w.storage.job_get(good_id).await?, w.storage.job_get(bad_id).await?), (None, None));
        let waiting = NewBatch { waits: after(parent, Condition::Success), ..batch() };
        assert!(matches!(insert(w, vec![waiting], vec![]).await, Err(Error::NoParent(_))));
    }
    Ok(())
}

pub(super) async fn a_parent_that_was_removed_is_unknown(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = w.insert(NewJob { retain: Some(std::time::Duration::ZERO), ..laned() }).await?;
    w.run(server, parent, success()).await?;
    assert_eq!(w.storage.job_get(parent).await?, None);
    let bad = child(parent, Condition::Success);
    assert!(matches!(insert(w, vec![], vec![bad]).await, Err(Error::NoParent(_))));
    Ok(())
}

pub(super) async fn an_unknown_batch_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let (good, bad) = (laned(), member(BatchId::new()));
    let ids = [good.id, bad.id];
    assert!(matches!(insert(w, vec![], vec![good, bad]).await, Err(Error::NoBatch(_))));
    for id in ids {
        assert_eq!(w.storage.job_get(id).await?, None);
    }
    let inner = nested(&batch());
    assert!(matches!(insert(w, vec![inner], vec![]).await, Err(Error::NoBatch(_))));
    assert!(matches!(w.storage.batch_seal(BatchId::new()).await, Err(Error::NoBatch(_))));
    assert_eq!(w.storage.batch_get(BatchId::new()).await?, None);
    assert_eq!(w.storage.batch_cancel(BatchId::new(), "sold out".into()).await?, None);
    Ok(())
}

pub(super) async fn a_bad_flow_does_not_harm_its_neighbours(w: &World<impl Fixture>) -> Result<()> {
    let good: [NewJob; 4] = std::array::from_fn(|_| laned());
    let ids = good.each_ref().map(|job| job.id);
    let [one, two, three, four] = good;
    let bad = || vec![child(JobId::new(), Condition::Success)];
    let (a, b, c, d, e, f) = tokio::join!(
        w.storage.job_insert([one].into()),
        w.storage.job_insert(bad().into()),
        w.storage.job_insert([two].into()),
        insert(w, vec![], bad()),
        insert(w, vec![], vec![three]),
        w.storage.job_insert([four].into()),
    );
    for answer in [a, c, e, f] {
        assert_eq!(answer?, [true]);
    }
    for answer in [b, d] {
        assert!(matches!(answer, Err(Error::NoParent(_))), "{answer:?}");
    }
    assert_eq!(w.states(ids).await?, [State::Enqueued; 4]);
    Ok(())
}

pub(super) async fn a_job_cannot_wait_for_itself(w: &World<impl Fixture>) -> Result<()> {
    let mut alone = laned();
    alone.waits = after(alone.id, Condition::Success);
    refuse(w, "a job that waits for itself", vec![], vec![alone]).await?;

    let (mut one, mut two, mut three) = (laned(), laned(), laned());
    (one.waits, two.waits, three.waits) = (all_of([two.id]), all_of([three.id]), all_of([one.id]));
    refuse(w, "three in a ring", vec![], vec![one.clone(), two.clone(), three.clone()]).await?;
    let outside = w.insert(laned()).await?;
    one.waits = waits(Rule::Any, [(two.id.into(), Condition::Success), (outside.into(), Condition::Success)]);
    refuse(w, "though another parent might release it", vec![], vec![three, two, one]).await
}

pub(super) async fn a_batch_cannot_wait_for_itself(w: &World<impl Fixture>) -> Result<()> {
    let mut alone = batch();
    alone.waits = after(alone.id, Condition::Success);
    refuse(w, "a batch that waits for itself", vec![alone], vec![]).await?;

    let mut own = batch();
    let job = member(own.id);
    own.waits = after(job.id, Condition::Success);
    refuse(w, "a batch that waits for its member", vec![own], vec![job]).await?;

    let own = batch();
    let job = NewJob { batch: Some(own.id), ..child(own.id, Condition::Success) };
    refuse(w, "a member that waits for its batch", vec![own], vec![job]).await?;

    let outer = batch();
    let inner = NewBatch { waits: after(outer.id, Condition::Finished), ..nested(&outer) };
    refuse(w, "a nested batch that waits for the one around it", vec![outer, inner], vec![]).await?;

    let outer = batch();
    let inner = nested(&outer);
    let job = NewJob { batch: Some(inner.id), ..child(outer.id, Condition::Success) };
    refuse(w, "a member of a nested batch", vec![outer, inner], vec![job]).await?;

    let (mut one, mut two) = (batch(), batch());
    let (first, second) = (member(one.id), member(two.id));
    (one.waits, two.waits) = (after(second.id, Condition::Success), after(first.id, Condition::Success));
    refuse(w, "two batches that wait for members of each other", vec![one, two], vec![first, second]).await
}

pub(super) async fn an_attach_cannot_close_a_ring(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (outer, other) = (batch(), batch());
    let inner = nested(&outer);
    let (job, other_job) = (member(inner.id), member(other.id));
    let last = child(outer.id, Condition::Finished);
    let after_last = NewBatch { waits: after(last.id, Condition::Success), ..batch() };
    let far = member(after_last.id);
    let (outer_id, inner_id, other_id) = (outer.id, inner.id, other.id);
    let ids = [job.id, last.id, far.id, other_job.id];
    let after_last_id = after_last.id;
    w.store(vec![outer, inner, other, after_last], vec![job, last, far, other_job]).await?;
    let into = |batch: BatchId, parent: NodeId| NewJob { batch: Some(batch), ..child(parent, Condition::Finished) };
    let cases: [(&str, NewJob); 6] = [
        ("its own batch", into(inner_id, inner_id.into())),
        ("the batch around its own", into(inner_id, outer_id.into())),
        ("what waits for its batch", into(outer_id, ids[1].into())),
        ("a batch that waits for what waits for its batch", into(inner_id, after_last_id.into())),
        ("a member of that batch", into(inner_id, ids[2].into())),
        (
            "one of two",
            NewJob {
                batch: Some(outer_id),
                waits: waits(Rule::Any, [(other_id.into(), Condition::Success), (ids[1].into(), Condition::Success)]),
                ..laned()
            },
        ),
    ];
    for (what, job) in cases {
        refuse(w, what, vec![], vec![job]).await?;
    }
    let inside = NewBatch { parent: Some(inner_id), waits: after(ids[1], Condition::Success), ..batch() };
    refuse(w, "a batch attached to one that its parent waits for", vec![inside], vec![]).await?;

    // The other way round it is no ring.
    let fine = into(other_id, inner_id.into());
    let fine_id = fine.id;
    w.store(vec![], vec![fine]).await?;
    w.run_all(server, &[ids[0], ids[1]], &success()).await?;
    w.settle().await?;
    w.run_all(server, &[ids[2], ids[3], fine_id], &success()).await
}

pub(super) async fn batches_are_named_after_what_is_around_them(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let outer = batch();
    let inner = nested(&outer);
    let (outer_id, inner_id) = (outer.id, inner.id);
    let mut own = batch();
    own.parent = Some(own.id);
    assert!(insert(w, vec![own], vec![]).await.is_err(), "a batch in itself");
    assert!(insert(w, vec![inner.clone(), outer.clone()], vec![]).await.is_err(), "before the batch around it");
    assert_eq!(w.storage.batch_get(outer_id).await?, None);
    // Jobs and their parents may come in any order.
    let first = member(inner.id);
    let second = NewJob { batch: Some(inner.id), ..child(first.id, Condition::Success) };
    let third = child(second.id, Condition::Success);
    let ids = [first.id, second.id, third.id];
    w.store(vec![outer, inner], vec![third, second, first]).await?;
    w.run_all(server, &ids, &success()).await?;
    assert_eq!(w.batch(inner_id).await?.counts.succeeded, 2);
    Ok(())
}
