//! Reading flows: batches, their members and outputs in pages, and the arrows between them.

use super::{
    Fixture,
    flow::{after, batch, child, laned, member, nested, returned, waits},
    kit::World,
    make::{deletion, failure, success},
};
use crate::{
    BatchId, JobId, Result, State,
    flow::{BatchState, Condition, Ending, NodeId, Rule},
    storage::{BatchFilter, EdgeRecord, MemberOutput, NewBatch, NewJob},
};

fn every() -> BatchFilter {
    BatchFilter { limit: 100, ..BatchFilter::default() }
}

async fn listed(w: &World<impl Fixture>, filter: BatchFilter) -> Result<Vec<BatchId>> {
    Ok(w.storage.batch_list(filter).await?.into_iter().map(|batch| batch.id).collect())
}

pub(super) async fn batches_are_listed_newest_first_in_pages(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let (started, completed, succeeded) = (batch(), batch(), batch());
    let waiting = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let open = NewBatch { sealed: false, ..batch() };
    let inner = nested(&started);
    let inner_too = nested(&started);
    let deleted = batch();
    let batches = [started, completed, succeeded, waiting, open, inner, inner_too, deleted];
    let ids = batches.each_ref().map(|batch| batch.id);
    let jobs: Vec<_> = ids.iter().map(|id| member(*id)).collect();
    let job_ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(batches.into(), [jobs, vec![first]].concat()).await?;
    w.run(server, job_ids[1], failure()).await?;
    w.run(server, job_ids[2], success()).await?;
    w.storage.batch_cancel(ids[7], "sold out".into()).await?;
    w.settle().await?;

    let newest_first: Vec<_> = ids.iter().rev().copied().collect();
    assert_eq!(listed(w, every()).await?, newest_first);
    for record in w.storage.batch_list(every()).await? {
        assert_eq!(record, w.batch(record.id).await?, "a list tells the same as a single look");
    }
    let expected = [
        (BatchState::Awaiting, vec![ids[4], ids[3]]),
        (BatchState::Started, vec![ids[6], ids[5], ids[0]]),
        (BatchState::Succeeded, vec![ids[2]]),
        (BatchState::Completed, vec![ids[1]]),
        (BatchState::Deleted, vec![ids[7]]),
    ];
    for (state, expected) in expected {
        assert_eq!(listed(w, BatchFilter { state: Some(state), ..every() }).await?, expected, "{state}");
        // In pages of one.
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = BatchFilter { state: Some(state), before, limit: 1, ..every() };
            let Some(id) = listed(w, page).await?.first().copied() else { break };
            before = Some(id);
            paged.push(id);
        }
        assert_eq!(paged, expected, "{state}");
    }
    let of_parent = BatchFilter { parent: Some(ids[0]), ..every() };
    assert_eq!(listed(w, of_parent.clone()).await?, [ids[6], ids[5]]);
    let both = BatchFilter { state: Some(BatchState::Started), ..of_parent.clone() };
    assert_eq!(listed(w, both).await?, [ids[6], ids[5]]);
    let neither = BatchFilter { state: Some(BatchState::Succeeded), ..of_parent.clone() };
    assert_eq!(listed(w, neither).await?, []);
    assert_eq!(listed(w, BatchFilter { before: Some(ids[6]), ..of_parent }).await?, [ids[5]]);
    assert_eq!(listed(w, BatchFilter { before: Some(ids[2]), limit: 1, ..every() }).await?, [ids[1]]);
    assert_eq!(listed(w, BatchFilter { limit: 0, ..every() }).await?, []);
    Ok(())
}

pub(super) async fn outputs_are_read_in_pages(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let inner = nested(&campaign);
    let id = campaign.id;
    let jobs: Vec<_> = (0..11).map(|_| member(id)).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    let within = member(inner.id);
    let within_id = within.id;
    w.store(vec![campaign, inner], [jobs, vec![within]].concat()).await?;
    for (at, id) in (0_u8..8).zip(&ids) {
        w.run(server, *id, returned(&[at; 3])).await?;
    }
    w.run(server, ids[8], success()).await?;
    w.run(server, ids[9], failure()).await?;
    w.run(server, within_id, returned(b"nested")).await?;
    let all_jobs = pages(ids.len(), async |after| w.storage.batch_jobs(id, after, 4).await, |id| *id).await?;
    assert_eq!(all_jobs, ids, "its own jobs in the order of their ids");

    let read = async |after| w.storage.batch_outputs(id, after, 3).await;
    let outputs = pages(10, read, |output| output.job).await?;
    let expected: Vec<_> = (0..10)
        .map(|at| MemberOutput {
            job: ids[at],
            state: if at == 9 { State::Failed } else { State::Succeeded },
            output: (at < 8).then(|| vec![at as u8; 3]),
        })
        .collect();
    assert_eq!(outputs, expected, "those that have ended");
    w.run(server, ids[10], deletion()).await?;
    let last = w.storage.batch_outputs(id, Some(ids[9]), 3).await?;
    assert_eq!(last, [MemberOutput { job: ids[10], state: State::Deleted, output: None }]);
    assert_eq!(w.storage.batch_outputs(id, Some(ids[10]), 3).await?, []);
    assert_eq!(w.storage.batch_outputs(BatchId::new(), None, 3).await?, []);
    assert_eq!(w.storage.batch_jobs(BatchId::new(), None, 3).await?, []);
    Ok(())
}

/// Reads page by page until one is empty.
async fn pages<T>(
    most: usize,
    read: impl AsyncFn(Option<JobId>) -> Result<Vec<T>>,
    id: impl Fn(&T) -> JobId,
) -> Result<Vec<T>> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let page = read(all.last().map(&id)).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
        assert!(all.len() <= most, "no page comes twice");
    }
}

pub(super) async fn a_member_knows_its_batch(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, job, alone) = (campaign.id, member(campaign.id), laned());
    let ids = [job.id, alone.id];
    w.store(vec![campaign], vec![job, alone]).await?;
    for (job, expected) in ids.into_iter().zip([Some(id), None]) {
        let record = w.get(job).await?;
        assert_eq!(record.batch, expected);
        let request = crate::storage::ClaimRequest { queues: vec![record.queue.into()], ..super::make::ask(server, 1) };
        let chunks = w.storage.claim(request).await?;
        assert_eq!(chunks[0].jobs[0].batch, expected, "the server that runs it knows it too");
    }
    Ok(())
}

pub(super) async fn the_arrows_of_a_flow_are_told(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (first, second) = (laned(), laned());
    let campaign = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let pairs = [(NodeId::from(campaign.id), Condition::Failure), (second.id.into(), Condition::Finished)];
    let last = NewJob { waits: waits(Rule::Any, pairs), ..laned() };
    let beyond = child(last.id, Condition::Deleted);
    let inside = member(campaign.id);
    let ids = [first.id, second.id, last.id, beyond.id, inside.id];
    let id = campaign.id;
    w.store(vec![campaign], vec![first, second, last, beyond, inside]).await?;
    let edge = |parent: NodeId, child: NodeId, condition| EdgeRecord { parent, child, condition, ending: None };
    let [one, two, three, four] = [
        edge(ids[0].into(), id.into(), Condition::Success),
        edge(id.into(), ids[2].into(), Condition::Failure),
        edge(ids[1].into(), ids[2].into(), Condition::Finished),
        edge(ids[2].into(), ids[3].into(), Condition::Deleted),
    ];
    let told = async |nodes: &[NodeId]| -> Result<Vec<EdgeRecord>> {
        let mut edges = w.storage.flow_edges(nodes.to_vec()).await?;
        edges.sort_by_key(|edge| (edge.parent, edge.child));
        Ok(edges)
    };
    let sorted = |mut edges: Vec<EdgeRecord>| {
        edges.sort_by_key(|edge| (edge.parent, edge.child));
        edges
    };
    assert_eq!(told(&[id.into()]).await?, sorted(vec![one, two]));
    assert_eq!(told(&[ids[2].into()]).await?, sorted(vec![two, three, four]));
    assert_eq!(told(&[ids[0].into(), ids[3].into()]).await?, sorted(vec![one, four]));
    assert_eq!(told(&[]).await?, []);
    assert_eq!(told(&[JobId::new().into(), ids[4].into()]).await?, [], "a member has no arrow of its own");
    w.run(server, ids[0], success()).await?;
    let ended = EdgeRecord { ending: Some(Ending::Succeeded), ..one };
    assert_eq!(told(&[ids[0].into()]).await?, [ended]);
    assert_eq!(w.inputs(id).await?[0].ending, Some(Ending::Succeeded), "a batch has inputs like a job");
    assert_eq!(w.inputs(ids[4]).await?, []);
    Ok(())
}
