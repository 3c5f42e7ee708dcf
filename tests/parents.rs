//! What handlers take from the jobs that they run after: outputs, lists of them, errors; and what becomes of a job that cannot.

mod common;

use std::{path::PathBuf, time::Duration};

use common::{Database, assert_sound, until_is};
use jobs::{Client, JobRecord, RunningServer, prelude::*};

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Receipt {
    order: u64,
    lines: Vec<String>,
}

#[job]
async fn pay(order: u64) -> Result<Receipt, String> {
    Ok(Receipt { order, lines: vec![format!("order {order}")] })
}

#[job(codec = "json")]
async fn name(name: String) -> Result<String, String> {
    Ok(name)
}

#[job]
async fn list(numbers: Vec<u8>) -> Result<Vec<u8>, String> {
    Ok(numbers)
}

#[job]
async fn path(path: PathBuf) -> Result<PathBuf, String> {
    Ok(path)
}

#[job]
async fn nothing() {}

#[job(attempts = 1)]
async fn fails(why: String) -> Result<u64, String> {
    Err(why)
}

#[job]
async fn number(number: u64) -> Result<u64, String> {
    tokio::time::sleep(Duration::from_millis(20 / (number + 1))).await;
    Ok(number)
}

#[job]
async fn by_value(copies: u8, #[parent] receipt: Receipt, ctx: &JobContext) -> Result<String, String> {
    Ok(format!("{copies} of {} in attempt {}", receipt.order, ctx.attempt()))
}

#[job]
fn by_reference(#[parent] receipt: &Receipt, prefix: &str) -> Result<String, String> {
    Ok(format!("{prefix} {}", receipt.lines.join(",")))
}

#[job]
async fn lent_text(#[parent] text: &str) -> Result<usize, String> {
    tokio::task::yield_now().await;
    Ok(text.len())
}

#[job]
async fn lent_list(#[parent] list: &[u8]) -> Result<usize, String> {
    Ok(list.len())
}

#[job]
async fn lent_path(#[parent] path: &std::path::Path) -> Result<bool, String> {
    Ok(path.is_absolute())
}

#[job]
async fn unit(#[parent] _done: ()) -> Result<u8, String> {
    Ok(1)
}

#[job]
async fn several(#[parents] numbers: Vec<u64>) -> Result<Vec<u64>, String> {
    Ok(numbers)
}

#[job]
async fn several_lent(#[parents] receipts: &[Receipt], unit: String) -> Result<String, String> {
    Ok(format!("{} {unit}", receipts.len()))
}

#[job]
async fn caught(#[parent_error] error: String) -> Result<String, String> {
    Ok(error)
}

#[job]
fn caught_lent(#[parent_error] error: &str, prefix: String) -> Result<String, String> {
    Ok(format!("{prefix}: {error}"))
}

/// What its parents left, as it sees them itself.
#[job]
async fn looks(ctx: &JobContext) -> anyhow::Result<Vec<String>> {
    let inputs = ctx.parents().await?;
    Ok(inputs.iter().map(|input| format!("{} {:?} {}", input.parent, input.ending, input.output.is_some())).collect())
}

async fn start(database: &Database) -> (Client, RunningServer) {
    let client = database.client().await;
    let server = client.server().workers(4).start().await.expect("nothing keeps it from starting");
    (client, server)
}

/// The record of a job that must fail for good.
async fn failed(client: &Client, job: JobId) -> JobRecord {
    let record = until_is(client, job, State::Failed).await;
    assert_eq!(record.attempt, 1, "{record:?}");
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_reaches_the_handler_in_every_form() {
    let database = Database::new();
    let (client, server) = start(&database).await;
    let on = &client;
    let paid = pay::enqueue(7).on(on).await.unwrap();
    let by_value = by_value::enqueue(2).after(&paid).on(on).await.unwrap();
    let by_id = by_value::enqueue(3).after(paid.id()).on(on).await.unwrap();
    let by_reference = by_reference::enqueue("for").after(&paid).on(on).await.unwrap();
    assert_eq!(by_value.output().await.unwrap(), "2 of 7 in attempt 1");
    assert_eq!(by_id.output().await.unwrap(), "3 of 7 in attempt 1");
    assert_eq!(by_reference.output().await.unwrap(), "for order 7");

    let text = name::enqueue("Ada").on(on).await.unwrap();
    assert_eq!(lent_text::enqueue().after(&text).on(on).await.unwrap().output().await.unwrap(), 3);
    let numbers = list::enqueue(vec![1, 2]).on(on).await.unwrap();
    assert_eq!(lent_list::enqueue().after(&numbers).on(on).await.unwrap().output().await.unwrap(), 2);
    let root = path::enqueue("/").on(on).await.unwrap();
    assert!(lent_path::enqueue().after(&root).on(on).await.unwrap().output().await.unwrap());
    let done = nothing::enqueue().on(on).await.unwrap();
    assert_eq!(unit::enqueue().after(&done).on(on).await.unwrap().output().await.unwrap(), 1);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_of_several_come_in_the_callers_order() {
    let database = Database::new();
    let (client, server) = start(&database).await;
    let on = &client;
    let mut parents = Vec::new();
    for n in 0..20 {
        parents.push(number::enqueue(n).on(on).await.unwrap());
    }
    let all = several::enqueue().after_all(parents.iter().rev()).on(on).await.unwrap();
    let expected: Vec<u64> = (0..20).rev().collect();
    assert_eq!(all.output().await.unwrap(), expected);
    let one = several::enqueue().after(&parents[3]).on(on).await.unwrap();
    assert_eq!(one.output().await.unwrap(), [3]);
    let two = several::enqueue().after(&parents[5]).after(parents[4].id()).on(on).await.unwrap();
    assert_eq!(two.output().await.unwrap(), [5, 4]);
    let (a, b) = (pay::enqueue(1).on(on).await.unwrap(), pay::enqueue(2).on(on).await.unwrap());
    let lent = several_lent::enqueue("receipts").after_all([&a, &b]).on(on).await.unwrap();
    assert_eq!(lent.output().await.unwrap(), "2 receipts");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_reaches_who_asks_for_it() {
    let database = Database::new();
    let (client, server) = start(&database).await;
    let on = &client;
    let parent = fails::enqueue("out of paper").on(on).await.unwrap();
    let caught = caught::enqueue().after(&parent).on(on).await.unwrap();
    let lent = caught_lent::enqueue("alert").after(&parent).on(on).await.unwrap();
    let skipped = several::enqueue().after(&parent).on(on).await.unwrap();
    assert_eq!(caught.output().await.unwrap(), "out of paper");
    assert_eq!(lent.output().await.unwrap(), "alert: out of paper");
    assert_eq!(skipped.wait().await.unwrap(), State::Deleted);

    let well = number::enqueue(1).on(on).await.unwrap();
    let never = caught::enqueue().after(&well).on(on).await.unwrap();
    assert_eq!(never.wait().await.unwrap(), State::Deleted);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_of_another_type_fails_for_good_and_says_what_to_do() {
    let database = Database::new();
    let (client, server) = start(&database).await;
    let on = &client;
    let text = name::enqueue("Ada").on(on).await.unwrap();
    let wrong = by_value::enqueue(1).after(text.id()).on(on).await.unwrap();
    let reason = failed(on, wrong.id()).await.reason.unwrap();
    for part in
        [&*text.id().to_string(), "`#[parent]` of `parents::by_value`", "{order: u64, lines: [string]}", "requeue"]
    {
        assert!(reason.contains(part), "no `{part}` in: {reason}");
    }
    let empty = nothing::enqueue().on(on).await.unwrap();
    let number = number::enqueue(1).on(on).await.unwrap();
    let wrong = several::enqueue().after(number.id()).after(empty.id()).on(on).await.unwrap();
    let reason = failed(on, wrong.id()).await.reason.unwrap();
    for part in [&*empty.id().to_string(), "`#[parents]` of `parents::several`", "stored as nothing"] {
        assert!(reason.contains(part), "no `{part}` in: {reason}");
    }
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_sees_its_parents_whatever_it_takes() {
    let database = Database::new();
    let (client, server) = start(&database).await;
    let on = &client;
    let well = number::enqueue(1).on(on).await.unwrap();
    let badly = fails::enqueue("out of paper").on(on).await.unwrap();
    let looks = looks::enqueue().after(&well).after(&badly).on_finished().on(on).await.unwrap();
    let expected =
        [format!("job {} Some(Succeeded) true", well.id()), format!("job {} Some(Failed) false", badly.id())];
    assert_eq!(looks.output().await.unwrap(), expected);
    let alone = looks::enqueue().on(on).await.unwrap();
    assert_eq!(alone.output().await.unwrap(), Vec::<String>::new());
    server.stop().await;
    assert_sound(&client).await;
}
