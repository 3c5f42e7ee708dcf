//! A day at the shop: what happens there, and the jobs that it leaves to be done.

use jobs::prelude::*;

use crate::{
    data::Shop,
    feed::update_stock,
    letters::{confirm_order, open_campaign, send_welcome},
    seed::{PRODUCTS, Person, SUPPLIERS},
};

pub(crate) async fn run(client: &Client, shop: &Shop, new_customers: u16) -> anyhow::Result<()> {
    for number in 1..=i64::from(new_customers) {
        let known: i64 = sqlx::query_scalar("SELECT max(id) FROM customer").fetch_one(&shop.pool).await?;
        let customer = shop.register(&Person::make_up(known.unsigned_abs() + 1)).await?;
        // To fire and forget: the page on which somebody registers does not wait for a mail server.
        send_welcome::enqueue(customer).await?;

        let order = shop.place_order(customer, 1 + number % PRODUCTS, 1).await?;
        confirm_order::enqueue(order).await?;
    }
    println!("shop: {new_customers} customers registered and ordered something");

    // To run later: in three seconds here, or at a time with `.at("2026-12-01T08:00[Europe/Istanbul]")`.
    open_campaign::enqueue("spring sale", 20_u32).delay("3s").await?;

    for supplier in 1..=SUPPLIERS {
        update_stock::enqueue(supplier).await?;
    }

    // The report and the backup run by the calendar; today each is run once more by hand.
    for id in ["month-end-report", "nightly-backup"] {
        client.recurring(id).trigger().await?;
        let recurring = client.recurring(id).get().await?;
        if let Some(next) = recurring.next_at {
            let next = next.in_tz(&recurring.spec.zone)?.strftime("%A, %F %R");
            println!("shop: {id} runs now, and then on {next} in {}", recurring.spec.zone);
        }
    }
    Ok(())
}
