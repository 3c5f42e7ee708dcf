//! A day at the shop: what happens there, and the jobs that it leaves to be done.

use std::time::Duration;

use jobs::prelude::*;
use tokio::time::sleep;

use crate::{
    campaign, catalogue,
    data::Shop,
    feed::update_stock,
    letters::confirm_order,
    options::Options,
    regions, registration,
    seed::{PRODUCTS, SUPPLIERS},
};

/// How often a web that waits for a worker looks whether there is one.
const LOOK: Duration = Duration::from_millis(200);

/// Returns how many jobs were enqueued.
pub(crate) async fn run(client: &Client, shop: &Shop, options: &Options) -> anyhow::Result<usize> {
    let new_customers = options.new_customers;
    let mut enqueued = 0;
    for number in 1..=i64::from(new_customers) {
        let customer = shop.register_somebody().await?;
        // Two jobs, one after the other.
        registration::begin(customer).await?;

        let order = shop.place_order(customer, 1 + number % PRODUCTS, 1).await?;
        // To fire and forget: the page on which somebody orders does not wait for a mail server.
        confirm_order::enqueue(order).await?;
        enqueued += 3;
    }
    println!("shop: {new_customers} customers registered and ordered something");

    enqueued += campaign::begin(shop, "spring sale", options.invite).await?;
    enqueued += regions::begin(shop).await?;
    enqueued += catalogue::begin().await?;

    for supplier in 1..=SUPPLIERS {
        update_stock::enqueue(supplier).await?;
        enqueued += 1;
    }

    // The report and the backup run by the calendar; today each is run once more by hand.
    for id in ["month-end-report", "nightly-backup"] {
        trigger(client, id).await?;
        enqueued += 1;
        let recurring = client.recurring(id).get().await?;
        if let Some(next) = recurring.next_at {
            let next = next.in_tz(&recurring.spec.zone)?.strftime("%A, %F %R");
            println!("shop: {id} runs now, and then on {next} in {}", recurring.spec.zone);
        }
    }
    Ok(enqueued)
}

/// Runs a recurring job now. It is stored by the first server that has it in its code: a web that comes first waits for that.
async fn trigger(client: &Client, id: &str) -> jobs::Result<()> {
    let mut has_told = false;
    loop {
        match client.recurring(id).trigger().await {
            Err(jobs::Error::NoRecurring(_)) if has_told => sleep(LOOK).await,
            Err(jobs::Error::NoRecurring(_)) => {
                println!("shop: waiting for a worker, whose code says when {id} runs");
                has_told = true;
            }
            triggered => return triggered.map(drop),
        }
    }
}
