//! Payloads and outputs that are too large, damaged, of another layout, or no bytes at all.

use std::{collections::BTreeMap, time::Duration};

use jobs::{Client, Error, State, Stored, prelude::*};
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};

use crate::{
    Diary, Lent, assert_says,
    common::{Database, assert_sound, count, until_count, until_is},
    serve, told,
};

const LIMIT: usize = 1024 * 1024;

#[job]
async fn measure(data: String) -> Result<usize, &'static str> {
    Ok(data.len())
}

#[job(attempts = 3)]
async fn produce(bytes: u32) -> Result<String, &'static str> {
    Ok("x".repeat(bytes as usize))
}

/// A type whose `Serialize` refuses.
#[derive(Debug, Deserialize)]
struct Refuses;

impl Serialize for Refuses {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("no ink"))
    }
}

#[job]
async fn take_refusing(value: Refuses) {
    let _ = value;
}

#[job(attempts = 3)]
async fn return_refusing() -> Result<Refuses, &'static str> {
    Ok(Refuses)
}

#[job(codec = "json")]
async fn take_odd_keys(map: BTreeMap<(u8, u8), u8>) {
    let _ = map;
}

// Three deploys of one program, each under a name of its own; the tests rename what the first has stored.

#[job(name = "deploy.first")]
async fn first(user: u32) {
    let _ = user;
}

#[job(name = "deploy.careless")]
async fn careless(user: u32, name: String) {
    let _ = (user, name);
}

#[derive(Deserialize)]
struct First {
    user: u32,
}

fn from_first(stored: Stored) -> jobs::Result<careful> {
    let First { user } = stored.read()?;
    Ok(careful::new(user, format!("customer {user}")))
}

#[job(name = "deploy.careful", version = 2, upgrade = from_first)]
async fn careful(#[state] diary: &Diary, user: u32, name: String) {
    diary.note(format!("{user} is {name}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_may_have_a_mebibyte_and_no_byte_more() {
    let database = Database::new();
    let client = database.client().await;
    // The header of 16 bytes and the length of the text, in 5, belong to the payload.
    let most = LIMIT - 16 - 5;
    let error = measure::enqueue("x".repeat(most + 1)).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { size, limit: LIMIT, .. } if size == LIMIT + 1), "{error:?}");
    assert_says(
        &told(&error),
        &["payload of a `bad_input::payloads::measure` job", "1048577 bytes", "1048576", "reference"],
    );
    let with_others = ["small".to_owned(), "x".repeat(most + 1)].map(measure::new);
    assert!(matches!(client.enqueue_all(with_others).await.unwrap_err(), Error::TooLarge { .. }));
    assert_eq!(client.totals().await.unwrap(), [], "nothing was stored");

    let server = serve(&client).await;
    let largest = measure::enqueue("x".repeat(most)).on(&client).await.unwrap();
    assert_eq!(largest.output().await.unwrap(), most);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_over_the_limit_fails_the_job_at_once() {
    let database = Database::new();
    let client = Client::options().payload_limit(1_000).connect(&database.url).await.unwrap();
    let server = serve(&client).await;
    let large = produce::enqueue(1_000).on(&client).await.unwrap();
    let small = produce::enqueue(900).on(&client).await.unwrap();
    assert_eq!(small.output().await.unwrap().len(), 900);
    let record = until_is(&client, large.id(), State::Failed).await;
    assert_eq!((record.attempt, record.output), (1, None));
    assert_says(&record.reason.unwrap(), &["output has 1019 bytes", "limit is 1000", "return a reference"]);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_refuses_to_be_written_is_not_stored() {
    let database = Database::new();
    let client = database.client().await;
    let error = take_refusing::enqueue(Refuses).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
    assert_says(&told(&error), &["`bad_input::payloads::take_refusing`", "no ink"]);
    let error = take_odd_keys::enqueue(BTreeMap::from([((1, 2), 3)])).on(&client).await.unwrap_err();
    assert_says(&told(&error), &["`bad_input::payloads::take_odd_keys`", "key must be a string"]);
    assert_eq!(client.totals().await.unwrap(), []);

    let server = serve(&client).await;
    let job = return_refusing::enqueue().on(&client).await.unwrap();
    let record = until_is(&client, job.id(), State::Failed).await;
    assert_eq!(record.attempt, 1, "running it again would not help");
    assert_says(&record.reason.unwrap(), &["the output of `bad_input::payloads::return_refusing`", "no ink"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_payloads_fail_their_jobs_and_no_others() {
    let damages = [
        (
            "checksum",
            "UPDATE jobs_job SET payload = CAST(substr(payload, 1, 20) || 'X' || substr(payload, 22) AS BLOB)",
        ),
        ("checksum", "UPDATE jobs_job SET payload = CAST(substr(payload, 1, length(payload) - 1) AS BLOB)"),
        ("format", "UPDATE jobs_job SET payload = CAST(substr(payload, 1, 1) || x'07' || substr(payload, 3) AS BLOB)"),
        ("5 bytes", "UPDATE jobs_job SET payload = substr(payload, 1, 5)"),
        ("0 bytes", "UPDATE jobs_job SET payload = x''"),
        ("format", "UPDATE jobs_job SET payload = zeroblob(1000000)"),
    ];
    for (reason, damage) in damages {
        let database = Database::new();
        let client = database.client().await;
        let job = measure::enqueue("a text of some length").on(&client).await.unwrap();
        let whole = job.record().await.unwrap().payload;
        assert_eq!(database.tamper(damage).await, 1);
        let damaged = job.record().await.unwrap().payload;
        assert_ne!(damaged, whole);
        let neighbours = client.enqueue_all(["a", "b", "c"].map(measure::new)).await.unwrap();

        let server = serve(&client).await;
        let record = until_is(&client, job.id(), State::Failed).await;
        assert_eq!((record.attempt, record.max_attempts), (1, 10), "it is not tried again");
        assert_says(record.reason.as_deref().unwrap(), &["the args of `bad_input::payloads::measure`", reason]);
        assert_eq!(record.payload, damaged, "what is left is kept");
        until_count(&client, State::Succeeded, neighbours.len() as i64).await;
        server.stop().await;
        assert_sound(&client).await;
    }
}

/// A job that the first deploy stored, as the deploy that calls its kind `renamed` finds it.
async fn stored_before(renamed: &'static str) -> (Database, Client, JobId) {
    let database = Database::new();
    let job = first::enqueue(7).on(&database.client().await).await.unwrap().id();
    assert_eq!(database.tamper(renamed).await, 1);
    let client = database.client().await;
    (database, client, job)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_another_layout_fails_with_both_layouts_and_the_remedy() {
    let (_database, client, job) =
        stored_before("UPDATE jobs_kind SET name = 'deploy.careless' WHERE name = 'deploy.first'").await;
    let payload = client.job(job).record().await.unwrap().payload;
    let old = format!("{:016x}", u64::from_le_bytes(payload[4..12].try_into().unwrap()));
    let new = (careless::DESCRIPTOR.args_layout)();
    let server = serve(&client).await;
    let record = until_is(&client, job, State::Failed).await;
    assert_eq!(record.attempt, 1);
    let new_number = format!("{:016x}", new.fingerprint);
    let parts = [
        "`deploy.careless`",
        "version 1",
        &old,
        &new_number,
        &new.text,
        "#[job(version = 2, upgrade = ..)]",
        "requeue",
    ];
    assert_says(record.reason.as_deref().unwrap(), &parts);
    assert_eq!(record.payload, payload, "it is kept for the upgrade");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_another_layout_runs_through_the_upgrade() {
    let (_database, client, job) =
        stored_before("UPDATE jobs_kind SET name = 'deploy.careful' WHERE name = 'deploy.first'").await;
    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    assert_eq!(client.job(job).wait().await.unwrap(), State::Succeeded);
    assert_eq!(lent.diary.lines(), ["7 is customer 7"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_a_later_version_waits_uncharged_for_the_newer_program() {
    let database = Database::new();
    let job = careful::enqueue(7, "Ada").attempts(1).on(&database.client().await).await.unwrap().id();
    assert_eq!(database.tamper("UPDATE jobs_kind SET name = 'deploy.first' WHERE name = 'deploy.careful'").await, 1);
    let client = database.client().await;
    let server = serve(&client).await;
    let record = until_is(&client, job, State::Scheduled).await;
    assert_eq!(record.attempt, 0, "an old server in a rolling deploy charges nothing");
    assert_eq!(count(&client, State::Failed).await, 0);
    server.stop().await;

    // The server has given a number to each kind that it runs, this one among them.
    assert_eq!(database.tamper("UPDATE jobs_kind SET name = 'deploy.old' WHERE name = 'deploy.careful'").await, 1);
    assert_eq!(database.tamper("UPDATE jobs_kind SET name = 'deploy.careful' WHERE name = 'deploy.first'").await, 1);
    let client = database.client().await;
    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    assert!(client.job(job).reschedule(Duration::ZERO).await.unwrap());
    assert_eq!(client.job(job).wait().await.unwrap(), State::Succeeded);
    assert_eq!(lent.diary.lines(), ["7 is Ada"]);
    server.stop().await;
    assert_sound(&client).await;
}
