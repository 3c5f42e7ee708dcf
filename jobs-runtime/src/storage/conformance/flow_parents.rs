//! Continuations with several parents: which of them release, what they leave, and that they release once.

use super::{
    Fixture,
    flow::{laned, returned, waits},
    kit::World,
    make::{HOUR, all, failure, finish, success},
};
use crate::{
    Result, State,
    flow::{Condition, Ending, Gate, NodeId, Rule, Wait, gate},
    storage::{Accepted, End, Measure, NewJob},
};

pub(super) async fn several_parents_are_waited_for_by_their_rule(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let all_endings = [Ending::Succeeded, Ending::Failed, Ending::Deleted];
    for rule in [Rule::All, Rule::Any] {
        for combination in 0..27 {
            let ends = [combination % 3, combination / 3 % 3, combination / 9].map(|index| all_endings[index]);
            let parents = [laned(), laned(), laned()];
            let ids = parents.each_ref().map(|parent| parent.id);
            let conditions = [Condition::Success, Condition::Finished, Condition::Failure];
            let pairs = ids.iter().zip(conditions).map(|(id, condition)| (NodeId::from(*id), condition));
            let child = NewJob { waits: waits(rule, pairs), ..laned() };
            let child_id = child.id;
            let [first, second, third] = parents;
            w.store_jobs([first, second, child, third]).await?;
            let mut ended = Vec::new();
            // From the last to the first, so that the order of the ends is not that of the parents.
            for at in [2, 0, 1] {
                w.end_as(server, ids[at], ends[at]).await?;
                ended.push(at);
                let waits = (0..3)
                    .map(|one| Wait { condition: conditions[one], ending: ended.contains(&one).then(|| ends[one]) });
                let expected = match gate(rule, waits) {
                    Gate::Shut => State::Awaiting,
                    Gate::Open => State::Enqueued,
                    Gate::Unmet => State::Deleted,
                };
                let what = format!("{rule:?} with {ends:?} after {ended:?}");
                assert_eq!(w.state(child_id).await?, expected, "{what}");
            }
            match w.state(child_id).await? {
                State::Enqueued => w.run(server, child_id, success()).await?,
                _ => drop(w.assert_unmet(child_id).await?),
            }
        }
    }
    Ok(())
}

pub(super) async fn parents_that_have_ended_already_decide_at_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let [well, badly, open] = w.store_jobs([laned(), laned(), laned()]).await?;
    w.run(server, well, success()).await?;
    w.run(server, badly, failure()).await?;
    let on = |rule, parents: &[crate::JobId]| {
        let parents = parents.iter().map(|id| (NodeId::from(*id), Condition::Success));
        NewJob { waits: waits(rule, parents), ..laned() }
    };
    let cases = [
        (on(Rule::All, &[well, open]), State::Awaiting),
        (on(Rule::All, &[well]), State::Enqueued),
        (on(Rule::All, &[well, badly, open]), State::Deleted),
        (on(Rule::Any, &[badly, open]), State::Awaiting),
        (on(Rule::Any, &[open, well]), State::Enqueued),
        (on(Rule::Any, &[badly]), State::Deleted),
    ];
    for (job, state) in cases {
        let [id] = w.store_jobs([job]).await?;
        assert_eq!(w.state(id).await?, state, "{:?}", w.inputs(id).await?);
    }
    w.run(server, open, success()).await?;
    assert!(w.storage.job_list(all(State::Awaiting)).await?.jobs.is_empty(), "nothing waits any more");
    Ok(())
}

pub(super) async fn outputs_and_errors_are_kept_for_the_child(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parents = [laned(), laned(), laned(), laned()].map(|job| NewJob { retain: Some(HOUR), ..job });
    let ids = parents.each_ref().map(|parent| parent.id);
    // In another order than their ids'.
    let order = [ids[2], ids[0], ids[3], ids[1]];
    let pairs = order.iter().map(|id| (NodeId::from(*id), Condition::Finished));
    let child = NewJob { waits: waits(Rule::All, pairs), ..laned() };
    let child_id = child.id;
    w.store_jobs(parents).await?;
    w.store_jobs([child]).await?;
    let big: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let ends = [
        returned(&big),
        success(),
        End::Failed { error: "kein Kunde: ü \u{1F600}".into(), attempted: true },
        End::Deleted { reason: "sold out".into(), error: None },
    ];
    for (id, end) in ids.iter().zip(ends) {
        w.run(server, *id, end).await?;
    }
    let check = |inputs: Vec<crate::storage::Input>| {
        assert_eq!(inputs.iter().map(|input| input.parent).collect::<Vec<_>>(), order.map(NodeId::from));
        let endings: Vec<_> = inputs.iter().map(|input| input.ending).collect();
        let (ok, failed, deleted) = (Some(Ending::Succeeded), Some(Ending::Failed), Some(Ending::Deleted));
        assert_eq!(endings, [failed, ok, deleted, ok]);
        let outputs: Vec<_> = inputs.iter().map(|input| input.output.as_ref().map(Vec::len)).collect();
        assert_eq!(outputs, [None, Some(big.len()), None, None]);
        assert_eq!(inputs[1].output.as_deref(), Some(&big[..]));
        let reasons: Vec<_> = inputs.iter().map(|input| input.reason.as_deref()).collect();
        assert_eq!(reasons, [Some("kein Kunde: ü \u{1F600}"), None, Some("sold out"), None]);
    };
    check(w.inputs(child_id).await?);
    w.wait(3 * HOUR, &[server]).await?;
    while w.storage.clean(100).await? == 100 {}
    for id in ids {
        assert_eq!(w.storage.job_get(id).await?, None, "its retention has ended");
    }
    check(w.inputs(child_id).await?);
    w.run(server, child_id, success()).await?;
    check(w.inputs(child_id).await?);
    Ok(())
}

pub(super) async fn parents_that_end_in_one_chunk_release_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let lane: std::sync::Arc<str> = "together".into();
    let parents: [NewJob; 5] = std::array::from_fn(|_| NewJob { queue: lane.clone(), ..laned() });
    let ids = parents.each_ref().map(|parent| parent.id);
    let on = |rule| {
        let pairs = ids.iter().map(|id| (NodeId::from(*id), Condition::Finished));
        NewJob { waits: waits(rule, pairs), ..laned() }
    };
    let (all_of, any_of) = (on(Rule::All), on(Rule::Any));
    w.store_jobs(parents).await?;
    let children = w.store_jobs([all_of, any_of]).await?;
    let runs = w.claim_chunk(server, &ids).await?;
    let ends = [success(), failure(), returned(b"x"), super::make::deletion(), success()];
    let ends: Vec<_> = runs.iter().zip(ends).map(|(run, end)| finish(run.id, run.fence, end)).collect();
    assert_eq!(w.storage.finish(server, ends.clone()).await?, [Accepted::Yes; 5]);
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Again; 5], "sent again");
    assert_eq!(w.states(children).await?, [State::Enqueued; 2]);
    w.run_all(server, &children, &success()).await?;
    assert_eq!(w.count(Measure::Created).await?, 7);
    Ok(())
}

pub(super) async fn parents_that_end_on_two_servers_release_once(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    let (one, two) = (w.server().await?, w.server().await?);
    for round in 0..12 {
        let parents = [laned(), laned()];
        let ids = parents.each_ref().map(|parent| parent.id);
        let rule = if round % 2 == 0 { Rule::All } else { Rule::Any };
        let pairs = ids.iter().map(|id| (NodeId::from(*id), Condition::Finished));
        let child = NewJob { waits: waits(rule, pairs), ..laned() };
        let child_id = child.id;
        let [first, second] = parents;
        w.store_jobs([first, second, child]).await?;
        let first = w.claim_one(one, ids[0]).await?;
        let second = w.claim_one(two, ids[1]).await?;
        let (ended, other_ended) = tokio::join!(
            w.storage.finish(one, vec![finish(first.id, first.fence, returned(b"one"))]),
            other.finish(two, vec![finish(second.id, second.fence, failure())]),
        );
        assert_eq!((ended?, other_ended?), (vec![Accepted::Yes], vec![Accepted::Yes]));
        assert_eq!(w.state(child_id).await?, State::Enqueued, "{rule:?}, round {round}");
        w.run(one, child_id, success()).await?;
        let endings: Vec<_> = w.inputs(child_id).await?.into_iter().map(|input| input.ending).collect();
        if rule == Rule::All {
            assert_eq!(endings, [Some(Ending::Succeeded), Some(Ending::Failed)]);
        } else {
            assert!(endings.iter().any(Option::is_some), "the one that released it: {endings:?}");
        }
    }
    assert_eq!(w.count(Measure::Succeeded).await?, 24);
    Ok(())
}
