//! A mail that the shop sends: the simplest job.
//!
//! `#[job]` leaves the function as it is, so that a test can call it. Beside it there is now a type of the same name, with
//! `enqueue(..)`, which stores a call of the function, and `new(..)`, which makes a value for calls that take many.

use jobs::prelude::*;

use crate::{
    data::{Shop, lira},
    mail::Mailer,
};

/// Confirms an order.
///
/// Parameters that begin with `&JobContext` or `#[state]` are lent by the server; the others, here `order`, are stored with the
/// job. Store numbers rather than rows: the row is read when the job runs, and is then the newest.
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
