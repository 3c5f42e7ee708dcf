//! Every form of taking what parents left, and every way to name them.

use jobs::{Takes, prelude::*};
use std::path::PathBuf;

#[derive(serde::Serialize, serde::Deserialize)]
struct Receipt {
    order: u64,
}

#[job]
async fn pay(order: u64) -> Result<Receipt, String> {
    Ok(Receipt { order })
}

#[job]
async fn text() -> Result<String, String> {
    Ok("text".to_owned())
}

#[job]
async fn list() -> Result<Vec<u8>, String> {
    Ok(vec![1])
}

#[job]
async fn path() -> Result<PathBuf, String> {
    Ok(PathBuf::new())
}

#[job]
async fn nothing() {}

#[job]
async fn by_value(copies: u8, #[parent] receipt: Receipt) {
    drop((copies, receipt));
}

#[job]
fn by_reference(#[parent] receipt: &Receipt, ctx: &JobContext, #[state] pool: &u8, name: &str) {
    drop((receipt.order, ctx.batch(), *pool, name.len()));
}

#[job]
async fn lent_text(#[parent] text: &str) {
    std::future::ready(()).await;
    drop(text.len());
}

#[job]
async fn lent_list(#[parent] list: &[u8]) {
    drop(list.len());
}

#[job]
async fn lent_path(#[parent] path: &std::path::Path) {
    drop(path.exists());
}

#[job]
async fn unit(#[parent] _done: ()) {}

#[job(summary = "{name}", secret(pin))]
async fn several(name: String, #[parents] receipts: Vec<Receipt>, pin: u16) -> Result<usize, String> {
    drop((name, pin));
    Ok(receipts.len())
}

#[job]
async fn several_lent(#[parents] receipts: &[Receipt]) {
    drop(receipts.len());
}

#[job]
async fn lists(#[allow(unused_variables)] #[parents] lists: std::vec::Vec<Vec<u8>>) {}

#[job]
async fn caught(#[parent_error] error: String) {
    drop(error);
}

#[job]
fn caught_lent(#[parent_error] error: &str) -> Result<(), String> {
    Err(error.to_owned())
}

async fn call(client: &Client) -> jobs::Result<()> {
    let (paid, other) = (pay::enqueue(1).await?, pay::enqueue(2).await?);
    by_value::enqueue(2).after(&paid).await?;
    by_value::enqueue(2).after(paid.id()).delay("1h").await?;
    by_value::enqueue(2).queue("low").after(&paid).key("once").on(client).await?;
    by_value::enqueue(2).after_any([&paid, &other]).await?;
    by_reference::enqueue("a").after(&paid).await?;
    lent_text::enqueue().after(&text::enqueue().await?).await?;
    lent_list::enqueue().after(&list::enqueue().await?).await?;
    lent_path::enqueue().after(&path::enqueue().await?).await?;
    unit::enqueue().after(&nothing::enqueue().await?).await?;
    several::enqueue("a", 1).after(&paid).await?;
    several::enqueue("a", 1).after(&paid).after(&other).await?;
    several::enqueue("a", 1).after_all([&paid, &other]).await?;
    several_lent::enqueue().after_any(vec![&paid, &other]).await?;
    lists::enqueue().after(&list::enqueue().await?).await?;
    caught::enqueue().after(&paid).await?;
    caught::enqueue().after(&paid).on_deleted().await?;
    caught_lent::enqueue().after_all([&paid, &other]).await?;
    nothing::enqueue().after(&paid).on_finished().await?;
    nothing::enqueue().after(&paid).after(&other).await?;
    Ok(())
}

/// The same in flows, where each step is checked against the one before it.
fn flows() {
    drop(pay::new(1).then(by_value::new(2)));
    drop(pay::enqueue(1).queue("low").then(by_value::enqueue(2).delay("1h")));
    drop(join((pay::new(1), pay::new(2))).then(several::new("a", 1)).on_failure(caught::new()));
    drop(nothing::new().then(unit::new()).finally(nothing::new()));
    drop(Batch::new("pay").jobs((0..3).map(pay::new)).then(nothing::new()));
}

fn main() {
    flows();
    let _ = call;
    let takes = |descriptor: &jobs::Descriptor| (descriptor.takes, descriptor.params.to_vec());
    assert_eq!(takes(nothing::DESCRIPTOR), (Takes::Nothing, vec![]));
    assert_eq!(takes(by_value::DESCRIPTOR), (Takes::Parent, vec!["copies"]));
    assert_eq!(takes(by_reference::DESCRIPTOR), (Takes::Parent, vec!["name"]));
    assert_eq!(takes(unit::DESCRIPTOR), (Takes::Parent, vec![]));
    assert_eq!(takes(several::DESCRIPTOR), (Takes::Parents, vec!["name", "pin"]));
    assert_eq!(takes(caught_lent::DESCRIPTOR), (Takes::Error, vec![]));
    assert_eq!((by_value::DESCRIPTOR.args_layout)().text, "{copies: u8}");
}
