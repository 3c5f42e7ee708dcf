//! The mails that the shop sends, one job each.
//!
//! `#[job]` leaves the function as it is, so that a test can call it. Beside it there is now a type of the same name, with
//! `enqueue(..)`, which stores a call of the function, and `new(..)`, which makes a value for calls that take many.

use jobs::prelude::*;

use crate::{
    data::{Shop, lira},
    mail::Mailer,
};

/// Welcomes a customer who has registered.
///
/// Parameters that begin with `&JobContext` or `#[state]` are lent by the server; the others, here `customer`, are stored with
/// the job. Store numbers rather than rows: the row is read when the job runs, and is then the newest.
#[job(queue = "mail", attempts = 5, timeout = "30s")]
pub(crate) async fn send_welcome(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] mailer: &Mailer,
    customer: i64,
) -> anyhow::Result<()> {
    let customer = shop.customer(customer).await?;
    let text = format!("Dear {},\n\nthank you for registering. We are glad that you are here.\n", customer.name);
    mailer.send(ctx.id(), &customer, format!("Welcome, {}", customer.name), text).await
}

/// Confirms an order.
#[job(queue = "mail", attempts = 5, timeout = "30s", summary = "order {order}")]
pub(crate) async fn confirm_order(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] mailer: &Mailer,
    order: i64,
) -> anyhow::Result<()> {
    let number = order;
    let order = shop.order(number).await?;
    let text = format!(
        "Dear {},\n\nyour order {number} has reached us: {} x {}, together {}.\n",
        order.customer.name,
        order.quantity,
        order.product,
        lira(order.total),
    );
    mailer.send(ctx.id(), &order.customer, format!("Your order {number}"), text).await
}

/// Opens a campaign: invites the best customers.
///
/// A job may store jobs. These go in all at once: either every customer is invited or, when this run fails, none yet.
#[job(timeout = "1m")]
pub(crate) async fn open_campaign(
    ctx: &JobContext,
    #[state] shop: &Shop,
    name: String,
    customers: u32,
) -> anyhow::Result<()> {
    let best = shop.best_customers(customers).await?;
    let invitations = best.into_iter().map(|customer| invite::new(customer, &name));
    ctx.client().enqueue_all(invitations).await?;
    Ok(())
}

/// Invites a customer to a campaign. Nobody wants to hear of it an hour late.
#[job(queue = "mail", attempts = 3, timeout = "30s", expires = "1h")]
pub(crate) async fn invite(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] mailer: &Mailer,
    customer: i64,
    campaign: String,
) -> anyhow::Result<()> {
    let customer = shop.customer(customer).await?;
    let text = format!("Dear {},\n\nour {campaign} has begun, and you hear of it first.\n", customer.name);
    mailer.send(ctx.id(), &customer, format!("The {campaign} is open"), text).await
}
