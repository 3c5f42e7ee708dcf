//! What follows when somebody registers: an account is opened, and then, with what that returned, a welcome mail is sent.

use jobs::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{data::Shop, mail::Mailer};

/// Stores both jobs in one transaction: there is no account of which nobody is told.
pub(crate) async fn begin(customer: i64) -> jobs::Result<()> {
    open_account::new(customer).then(send_welcome::new()).enqueue().await?;
    Ok(())
}

/// What one job returns and another takes is stored between the two, like args.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    customer: i64,
    voucher: String,
}

/// Opens the account of a customer, with a voucher in it.
///
/// A job may run twice. This one finds the account of its first run, and returns the same voucher.
#[job(attempts = 5, timeout = "30s")]
pub(crate) async fn open_account(ctx: &JobContext, #[state] shop: &Shop, customer: i64) -> anyhow::Result<Account> {
    let job = ctx.id().to_string();
    let voucher = shop.open_account(customer, &job[job.len() - 8..]).await?;
    Ok(Account { customer, voucher })
}

/// Welcomes a customer.
///
/// `#[parent]` is what the job before it returned: it runs only when that has succeeded, and that the types fit is checked when the
/// program is compiled.
#[job(queue = "mail", attempts = 5, timeout = "30s")]
pub(crate) async fn send_welcome(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] mailer: &Mailer,
    #[parent] account: Account,
) -> anyhow::Result<()> {
    let customer = shop.customer(account.customer).await?;
    let text = format!(
        "Dear {},\n\nthank you for registering. Your voucher for the next order is {}.\n",
        customer.name, account.voucher
    );
    mailer.send(ctx.id(), &customer, format!("Welcome, {}", customer.name), text).await
}
