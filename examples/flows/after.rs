//! Jobs after jobs.

use ::jobs::prelude::*;

use crate::jobs::{apologise, chop, cook, fetch, fry, toast, wash_up};

/// Continuation: a job that runs when another has succeeded, and takes what that returned.
pub(crate) async fn continuation() -> anyhow::Result<String> {
    let onion = fetch::enqueue("onion").await?;
    let chopped = chop::enqueue().after(&onion).await?;
    Ok(chopped.output().await?)
}

/// Chain: each step runs after the one before it; all of them are stored in one transaction.
pub(crate) async fn chain() -> anyhow::Result<String> {
    let fried = fetch::new("onion").then(chop::new()).then(fry::new()).enqueue().await?;
    Ok(fried.output().await?)
}

/// Several parents: it runs when all of them have succeeded.
pub(crate) async fn all_of_several() -> anyhow::Result<String> {
    let mut parts = Vec::new();
    for part in ["peas", "rice", "mint"] {
        parts.push(fetch::enqueue(part).await?);
    }
    let soup = cook::enqueue("soup").after_all(&parts).await?;
    Ok(soup.output().await?)
}

/// Several parents: it runs when the first of them has succeeded; the others go on.
pub(crate) async fn first_of_several() -> anyhow::Result<String> {
    let (near, far) = (fetch::enqueue("leek").await?, fetch::enqueue("truffle").delay("1h").await?);
    let chopped = chop::enqueue().after_any([&far, &near]).await?.output().await?;
    Ok(format!("{chopped}; the other is {} still", far.state().await?))
}

/// Try, catch, finally: what runs when a job has succeeded, when it has failed, and in any case.
pub(crate) async fn branches() -> anyhow::Result<String> {
    let toast = toast::enqueue("bread").await?;
    let buttered = chop::enqueue().after(&toast).await?;
    let sorry = apologise::enqueue().after(&toast).await?; // it takes the error, so it waits for one: `.on_failure()`
    let washed = wash_up::enqueue().after(&toast).on_finished().await?;
    // The condition of the first was not met: it is deleted, and so is whatever would have run after it.
    Ok(format!("{}; {}; {}", buttered.wait().await?, sorry.output().await?, washed.output().await?))
}

/// Delay: counted from the moment at which it waits for nothing else.
pub(crate) async fn delay() -> anyhow::Result<String> {
    let soup = fetch::enqueue("soup").await?;
    let washed = wash_up::enqueue().after(&soup).delay("500ms").await?;
    washed.wait().await?;
    let (soup, washed) = (soup.record().await?, washed.record().await?);
    let pause = washed.started_at.zip(soup.finished_at).map(|(started, finished)| started.duration_since(finished));
    let pause = pause.map_or(0.0, |pause| pause.as_secs_f64());
    Ok(format!("washed up {} s later", (pause * 2.0).floor() / 2.0))
}
