//! What keeps a server from starting.

use std::{any::TypeId, sync::Arc};

use super::{client, server};
use crate::{
    Error,
    job::{Descriptor, Place, StateType},
    server::{
        Server,
        fake::{ACT, Fake},
    },
};

struct Mailer;

const NEEDY: Descriptor = Descriptor {
    kind: "needy",
    aliases: &[],
    states: || vec![StateType { id: TypeId::of::<Mailer>(), name: "Mailer" }],
    ..ACT
};
static NEEDS_STATE: Descriptor = NEEDY;
static SAME_KIND: Descriptor =
    Descriptor { kind: "act", aliases: &[], place: Place { module: "other", file: "other.rs", line: 9 }, ..ACT };

/// What a server says that cannot start.
async fn problems(change: impl FnOnce(Server) -> Server) -> Vec<String> {
    let fake = Arc::new(Fake::default());
    match change(server(&fake)).start().await {
        Err(Error::Startup(problems)) => problems,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("the server started"),
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let problems = problems(|mut server| {
        server.wanted.explicit.push(&NEEDS_STATE);
        server.workers(0).expect(["absent"])
    })
    .await;
    let said = |text: &str| problems.iter().any(|problem| problem.contains(text));
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(said("`workers` is 0") && said("absent") && said("Mailer"), "{problems:?}");
}

#[tokio::test]
async fn two_jobs_of_one_kind_are_named_with_both_places() {
    let problems = problems(|mut server| {
        server.wanted.explicit.push(&SAME_KIND);
        server
    })
    .await;
    assert!(problems[0].contains("fake.rs:1") && problems[0].contains("other.rs:9"), "{problems:?}");
}

#[tokio::test]
async fn a_kind_that_the_server_does_not_serve_needs_no_state() {
    let fake = Arc::new(Fake::default());
    let mut needy = Server::new(client(&fake)).only_kinds(["act_before"]);
    needy.wanted.explicit.extend([&ACT, &NEEDS_STATE]);
    let (shared, _) = needy.build().expect("the server is valid");
    assert_eq!(shared.kinds.to_vec(), ["act", "act_before"].map(Arc::from));
    let problems = problems(|server| server.only_kinds(["nothing"])).await;
    assert!(problems[0].contains("nothing"), "{problems:?}");
}
