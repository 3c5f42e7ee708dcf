//! The jobs of the kitchen. Which runs after which is said where they are enqueued; here stands what they take from each other.

use anyhow::{Context, bail};
use jobs::prelude::*;

/// A job like any other; what it returns is stored, and those that run after it may take it.
#[job]
pub(crate) async fn fetch(what: String) -> anyhow::Result<String> {
    Ok(what)
}

/// `#[parent]` is what the job before it returned. That its type is right is checked when the program is compiled.
#[job]
pub(crate) async fn chop(#[parent] what: String) -> anyhow::Result<String> {
    Ok(format!("chopped {what}"))
}

/// It may be borrowed, too.
#[job]
pub(crate) async fn fry(#[parent] what: &str) -> anyhow::Result<String> {
    Ok(format!("fried {what}"))
}

/// `#[parents]` is what several returned, in the order in which they were named.
#[job]
pub(crate) async fn cook(dish: String, #[parents] parts: Vec<String>) -> anyhow::Result<String> {
    Ok(format!("{dish} of {}", parts.join(" and ")))
}

/// Fails at its only attempt.
#[job(attempts = 1)]
pub(crate) async fn toast(what: String) -> anyhow::Result<String> {
    bail!("the {what} is burnt")
}

/// `#[parent_error]` is why the job before it failed: this one runs only when it did.
#[job]
pub(crate) async fn apologise(#[parent_error] error: String) -> anyhow::Result<String> {
    Ok(format!("sorry, {error}"))
}

/// Takes nothing of those that it runs after, so it may run after anything.
#[job]
pub(crate) async fn wash_up() -> anyhow::Result<String> {
    Ok("washed up".to_owned())
}

/// Peels a potato and returns its weight in grams; a rotten one makes it fail.
#[job(attempts = 1)]
pub(crate) async fn peel(potato: u32) -> anyhow::Result<u32> {
    if potato == 13 {
        bail!("potato {potato} is rotten");
    }
    Ok(100 + potato)
}

/// Runs after a batch of `peel`: reads how it ended, and what its jobs returned, however many there are.
#[job]
pub(crate) async fn weigh(ctx: &JobContext) -> anyhow::Result<String> {
    let mut outputs = ctx.batch_outputs::<u32>().await?;
    let counts = outputs.batch().counts().await?;
    let mut grams = 0;
    while let Some((_job, weight)) = outputs.next().await? {
        grams += weight;
    }
    Ok(format!("{grams} g of {} potatoes, {} thrown away", counts.succeeded, counts.failed))
}

/// Finds out while it runs what there is to do, and adds it to its own batch.
#[job]
pub(crate) async fn open_sack(ctx: &JobContext, potatoes: u32) -> anyhow::Result<()> {
    let batch = ctx.client().batch(ctx.batch().context("it is no member of a batch")?);
    batch.attach().jobs((1..=potatoes).map(peel::new)).await?;
    Ok(())
}
