//! Two jobs of one kind in one program: no server runs either, and a process that only stores jobs is not disturbed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Database, assert_sound};
use jobs::{Error, prelude::*};

mod mail {
    use jobs::prelude::*;

    #[job(name = "send")]
    pub(crate) async fn send() {}
}

mod letters {
    use jobs::prelude::*;

    #[job(name = "letters.send", alias("send"))]
    pub(crate) async fn send() {}
}

#[job(name = "alone")]
async fn alone() {}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_would_run_either_of_two_jobs_of_one_kind_does_not_start() {
    let database = Database::new();
    let client = database.client().await;
    let stored = mail::send::enqueue().on(&client).await.unwrap();
    letters::send::enqueue().on(&client).await.unwrap();
    assert!(client.args_json(&stored.record().await.unwrap()).is_ok(), "storing and showing goes on");

    let error = client.server().start().await.unwrap_err();
    assert!(matches!(&error, Error::Startup(faults) if faults.len() == 1), "{error:?}");
    let text = error.to_string();
    for part in
        ["`send`", "tests/bad_input_twins.rs:", "bad_input_twins::mail", "bad_input_twins::letters", "name = \"..\""]
    {
        assert!(text.contains(part), "`{text}` does not say `{part}`");
    }
    assert_eq!(client.servers().await.unwrap(), []);

    let server = client.server().only_kinds(["alone"]).start().await.unwrap();
    let job = alone::enqueue().on(&client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Succeeded, "a server of other kinds is not disturbed");
    assert_eq!(stored.state().await.unwrap(), State::Enqueued, "and nothing is lost");
    server.stop().await;
    assert_sound(&client).await;
}
