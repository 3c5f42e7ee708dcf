//! Pauses, signals to servers, and writes in the caller's transaction.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::Connection;

use super::fake::{Fake, Greet, NOW, greet};
use crate::{
    Enqueue, Error, ServerId, State,
    storage::{Orders, PauseTarget, ServerInfo, ServerRecord, Signal},
};

fn server(id: ServerId) -> ServerRecord {
    ServerRecord {
        id,
        info: ServerInfo {
            name: "host:1".to_owned(),
            version: "1.2.3".to_owned(),
            queues: vec!["default".to_owned()],
            workers: 4,
            running: 0,
            lost: 0,
            stopping: false,
        },
        kinds: Vec::new(),
        started_at: NOW,
        beat_at: NOW,
        lease_until: NOW,
        alive: true,
        recurring: Vec::new(),
        pause: None,
        orders: Orders::default(),
    }
}

#[tokio::test]
async fn each_target_is_paused_with_reason_and_end_and_resumed() {
    let (fake, client) = Fake::open();
    let id = ServerId::new();
    fake.world().servers.push(server(id));
    client.recurring("digest").cron("0 8 * * *").upsert(greet("Ada")).await.expect("stored");
    client.queue("mail").pause().reason("bounce storm").until("2h").await.expect("paused");
    client.kind::<Greet>().pause().until(Timestamp::UNIX_EPOCH).await.expect("paused");
    client.kind_named("elsewhere::work").pause().await.expect("paused");
    client.recurring("digest").pause().reason("holidays").await.expect("paused");
    client.server_ref(id).quiet().await.expect("paused");
    let pauses = client.pauses().await.expect("a list");
    let found: Vec<_> = pauses.iter().map(|pause| (&pause.target, &*pause.reason, pause.until)).collect();
    let name = |name: &str| Arc::<str>::from(name);
    let expected = [
        (PauseTarget::Queue(name("mail")), "bounce storm", Some(NOW + Duration::from_secs(7_200))),
        (PauseTarget::Kind(name("tests::greet")), "", Some(Timestamp::UNIX_EPOCH)),
        (PauseTarget::Kind(name("elsewhere::work")), "", None),
        (PauseTarget::Recurring(name("digest")), "holidays", None),
        (PauseTarget::Server(id), "quiet", None),
    ];
    assert!(
        found.iter().copied().eq(expected.iter().map(|(target, reason, until)| (target, *reason, *until))),
        "{found:?}"
    );
    assert!(client.queue("mail").resume().await.expect("resumed"));
    assert!(!client.queue("mail").resume().await.expect("not paused"));
    assert!(client.kind_named("tests::greet").resume().await.expect("resumed"));
    assert!(client.kind_named("elsewhere::work").resume().await.expect("resumed"));
    assert!(client.recurring("digest").resume().await.expect("resumed"));
    assert!(client.server_ref(id).resume().await.expect("resumed"));
    assert!(client.pauses().await.expect("a list").is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_pause_is_said_and_nothing_is_paused() {
    let (fake, client) = Fake::open();
    let wrong = [
        (client.queue("").pause(), "must not be empty"),
        (client.queue("a\nb").pause(), "control character"),
        (client.kind_named(" ").pause(), "not the name of a kind"),
        (client.queue("mail").pause().until("soon"), "`until`: `soon`"),
    ];
    for (pause, word) in wrong {
        let error = pause.await.expect_err(word);
        assert!(matches!(&error, Error::Config(text) if text.contains(word)), "{word}: {error}");
    }
    let unknown = client.recurring("digest").pause().await.expect_err("a slip of the pen");
    assert!(matches!(unknown, Error::NoRecurring(id) if id == "digest"));
    let id = ServerId::new();
    assert!(matches!(client.server_ref(id).pause().await, Err(Error::NoServer(unknown)) if unknown == id));
    assert!(fake.world().pauses.is_empty());
}

#[tokio::test]
async fn a_server_is_told_to_stop_and_to_resize() {
    let (fake, client) = Fake::open();
    let id = ServerId::new();
    assert!(matches!(client.server_ref(id).stop().await, Err(Error::NoServer(_))));
    assert!(matches!(client.server_ref(id).record().await, Err(Error::NoServer(_))));
    fake.world().servers.push(server(id));
    fake.world().signals.clear();
    client.server_ref(id).resize(9).await.expect("told");
    client.server_ref(id).stop().await.expect("told");
    assert!(matches!(client.server_ref(id).resize(0).await, Err(Error::Config(_))));
    assert_eq!(fake.world().signals, [(id, Signal::Resize(9)), (id, Signal::Stop)]);
    assert_eq!(client.server_ref(id).record().await.expect("listed").info.name, "host:1");
}

#[tokio::test]
async fn every_write_can_be_made_within_the_callers_transaction() {
    let (fake, client) = Fake::open();
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    let job = Enqueue::new(greet("Ada")).on(&client).await.expect("stored");
    assert!(job.reschedule("1h").if_state(State::Enqueued).within(&mut tx).await.expect("changed"));
    assert!(job.delete().within(&mut tx).reason("sold out").await.expect("changed"));
    assert!(job.requeue().within(&mut tx).await.expect("changed"));
    assert!(job.cancel().within(&mut tx).await.expect("changed"));
    let digest = || client.recurring("digest");
    digest().cron("0 8 * * *").upsert(greet("Ada")).within(&mut tx).await.expect("stored");
    digest().trigger().within(&mut tx).await.expect("made");
    digest().pause().within(&mut tx).until("1h").await.expect("paused");
    assert!(digest().resume().within(&mut tx).await.expect("resumed"));
    assert!(digest().remove().within(&mut tx).await.expect("removed"));
    // Only the transaction may know of it yet.
    client.recurring("of this transaction").pause().within(&mut tx).await.expect("paused");
    let changes = ["job_change"; 4];
    let definitions = ["recurring_upsert", "recurring_trigger", "pause", "resume", "recurring_remove", "pause"];
    assert_eq!(fake.world().within, [&changes[..], &definitions[..]].concat());
}

#[tokio::test]
async fn a_kinds_key_stores_one_job() {
    let (fake, client) = Fake::open();
    let enqueue = |key: &str| Enqueue::new(greet("Ada")).on(&client).key(key);
    let first = enqueue("order:42").await.expect("stored");
    let again = enqueue("order:42").queue("another").await.expect("known");
    assert_eq!(first.id(), again.id());
    assert_eq!((first.is_new(), again.is_new()), (true, false));
    let other = enqueue("order:43").await.expect("stored");
    assert_ne!(first.id(), other.id());
    assert_eq!(fake.world().jobs.len(), 2);
    let nameless = enqueue("").await.expect_err("no key");
    assert!(nameless.to_string().contains("`key`"), "{nameless}");
}

#[tokio::test(start_paused = true)]
async fn an_enqueue_whose_answer_was_lost_is_sent_again() {
    for lost in [(1, 0), (0, 1), (1, 1), (0, 2)] {
        let (fake, client) = Fake::open();
        fake.world().lost = lost;
        let job = Enqueue::new(greet("Ada")).on(&client).await.expect("stored");
        assert!(job.is_new(), "nobody else has its id");
        fake.world().lost = lost;
        assert!(client.enqueue_all([greet("Ada"), greet("Eve")]).await.expect("stored").iter().all(|job| job.is_new()));
        assert_eq!(fake.world().jobs.len(), 3, "{lost:?}");
    }
    let (fake, client) = Fake::open();
    fake.world().lost = (99, 0);
    assert!(matches!(Enqueue::new(greet("Ada")).on(&client).await, Err(Error::Unavailable { .. })));
    assert_eq!(fake.world().lost.0, 96, "sent three times in all");
}
