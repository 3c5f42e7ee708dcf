//! How much of each product the suppliers have. Their servers fail now and then, so that attempts are repeated.

use std::time::Duration;

use anyhow::bail;
use jobs::prelude::*;

use crate::data::Shop;

/// Takes over the stock of a supplier and returns how many products there are.
///
/// An `Err`, a panic or a timeout is a failed attempt. The next one follows after the `backoff`: here after 300 ms, then 600 ms,
/// then 900 ms; without the word it starts at 5 s and doubles. After the last attempt the job is `failed`, and stays to be seen.
///
/// What the function returns is stored with the job.
#[job(attempts = 4, backoff = "linear(300ms, 2s)", timeout = "10s", summary = "supplier {supplier}")]
pub(crate) async fn update_stock(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[state] suppliers: &Suppliers,
    supplier: i64,
) -> anyhow::Result<u64> {
    let stock = suppliers.ask(supplier, ctx.attempt()).await?;
    Ok(shop.set_stock(supplier, stock).await?)
}

/// Stands for the suppliers' servers: supplier 1 fails at the first request, supplier 2 at the first two, supplier 3 at none,
/// and so on.
#[derive(Debug)]
pub(crate) struct Suppliers {
    pub(crate) are_down: bool,
}

impl Suppliers {
    async fn ask(&self, supplier: i64, request: u16) -> anyhow::Result<i64> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if self.are_down || i64::from(request) <= supplier % 3 {
            bail!("supplier {supplier} answers: 503 Service Unavailable");
        }
        Ok(10 * supplier)
    }
}
