//! A campaign: a mail to every customer, all of them one batch, and a summary when the last has left.

use std::{collections::BTreeMap, fmt::Write};

use jobs::prelude::*;

use crate::{data::Shop, mail::Mailer};

/// Stores a campaign, to begin in three seconds; returns how many jobs it has.
///
/// A batch of any size is stored while it is made, 5,000 jobs at a time, and none of them runs before all are there.
pub(crate) async fn begin(shop: &Shop, name: &'static str, limit: Option<u32>) -> anyhow::Result<usize> {
    let customers = shop.best_customers(limit).await?;
    let jobs = customers.len() + 1;
    // To run later: `.delay(..)`, or at a time with `.at("2026-12-01T08:00[Europe/Istanbul]")`.
    let mails = customers.into_iter().map(move |customer| invite::enqueue(customer, name).delay("3s"));
    // Whatever becomes of the mails, the office hears of it; `then` would be for the case that all of them have left.
    Batch::new(name).jobs(mails).then_finally(summarise::new(name)).enqueue().await?;
    Ok(jobs)
}

/// Invites a customer and returns where that is. Nobody wants to hear of a campaign an hour late.
#[job(queue = "mail", attempts = 3, timeout = "30s", expires = "1h")]
pub(crate) async fn invite(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] mailer: &Mailer,
    customer: i64,
    campaign: String,
) -> anyhow::Result<String> {
    let customer = shop.customer(customer).await?;
    let text = format!("Dear {},\n\nour {campaign} has begun, and you hear of it first.\n", customer.name);
    mailer.send(ctx.id(), &customer, format!("The {campaign} is open"), text).await?;
    Ok(customer.city)
}

/// Tells the office how many mails left, and where they went.
///
/// It runs after a batch: how that ended is in its counts, and what its jobs returned is read one after the other, so that it does
/// not matter how many there were.
#[job(queue = "mail", attempts = 5, timeout = "1m")]
pub(crate) async fn summarise(ctx: &JobContext, #[state] mailer: &Mailer, campaign: String) -> anyhow::Result<()> {
    let mut outputs = ctx.batch_outputs::<String>().await?;
    let counts = outputs.batch().counts().await?;
    let mut cities = BTreeMap::<String, u32>::new();
    while let Some((_mail, city)) = outputs.next().await? {
        *cities.entry(city).or_default() += 1;
    }

    let mut text = format!(
        "Of {} mails {} were sent, {} failed, {} were left out.\n\n",
        counts.total, counts.succeeded, counts.failed, counts.deleted
    );
    for (city, mails) in cities {
        writeln!(text, "{city}: {mails}")?;
    }
    mailer.tell_office(ctx.id(), format!("The {campaign}: all mails"), text).await
}
