//! Batches: many jobs with one outcome, and what runs after it.

use ::jobs::prelude::*;

use crate::jobs::{fetch, open_sack, peel, wash_up, weigh};

/// A batch with a continuation: it runs when all members have succeeded.
pub(crate) async fn batch() -> anyhow::Result<String> {
    let batch = Batch::new("ten potatoes").jobs((1..=10).map(peel::new)).then(weigh::new());
    Ok(batch.enqueue().await?.last().output().await?)
}

/// A batch of which a member fails has `completed`, not `succeeded`: `then_finally` runs in any case.
pub(crate) async fn batch_with_a_failure() -> anyhow::Result<String> {
    let potatoes = Batch::new("a rotten one among them").jobs((11..=15).map(peel::new)).enqueue().await?;
    let weighed = weigh::enqueue().after(&potatoes).on_finished().await?;
    Ok(format!("{}: {}", potatoes.wait().await?, weighed.output().await?))
}

/// Batches in a batch, to any depth: each counts as one member, and so does what runs after it.
pub(crate) async fn nested() -> anyhow::Result<String> {
    let vegetables = Batch::new("vegetables").jobs(["peas", "leek"].map(fetch::new));
    let potatoes = Batch::new("potatoes").jobs((1..=10).map(peel::new)).then(weigh::new());
    let dinner = Batch::new("dinner").batch(vegetables).batch(potatoes).job(fetch::new("salt")).enqueue().await?;
    let state = dinner.wait().await?;
    Ok(format!("{state} with {} members", dinner.counts().await?.total))
}

/// A member adds others to its own batch; what runs after the batch waits for them too.
pub(crate) async fn attach_from_inside() -> anyhow::Result<String> {
    let batch = Batch::new("a sack").job(open_sack::new(10_u32)).enqueue().await?;
    let washed = wash_up::enqueue().after(&batch).await?;
    let washed = washed.output().await?;
    Ok(format!("{washed} after {} jobs", batch.counts().await?.succeeded))
}

/// A batch that starts when another has succeeded.
pub(crate) async fn batch_after_batch() -> anyhow::Result<String> {
    let first = Batch::new("first course").jobs(["soup", "bread"].map(fetch::new));
    let second = Batch::new("second course").jobs(["rice", "peas", "mint"].map(fetch::new));
    let second = first.then(second).then(wash_up::new()).enqueue().await?;
    Ok(second.last().output().await?)
}

/// To cancel a batch is one step, however many members it has; they end `deleted`.
pub(crate) async fn cancel() -> anyhow::Result<String> {
    let jobs = (0..1_000).map(|potato| peel::enqueue(potato).delay("1h"));
    let batch = Batch::new("a feast").jobs(jobs).enqueue().await?;
    let weighed = weigh::enqueue().after(&batch).await?;
    batch.cancel().reason("the guests have gone home").await?;
    let state = batch.wait().await?;
    Ok(format!("{state}, {} jobs of it; the weighing is {}", batch.counts().await?.deleted, weighed.wait().await?))
}
