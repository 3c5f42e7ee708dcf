//! Random flow graphs on three servers, checked against a model of the rules: each engine runs hundreds of them.
//!
//! `JOBS_TEST_FLOWS_SEED` runs the graphs of an earlier run again, `JOBS_TEST_FLOWS_GRAPHS` another number of them.

#![allow(clippy::print_stdout, reason = "a test tells what it ran and what it leaves out")]
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

use std::{
    cell::{Cell, RefCell},
    env,
    time::Instant,
};

use jobs_runtime::storage::conformance::Fixture;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

#[path = "flows_random/drive.rs"]
mod drive;
#[path = "conformance/engines.rs"]
mod engines;
#[path = "flows_random/judge.rs"]
mod judge;
#[path = "flows_random/model.rs"]
mod model;
#[path = "flows_random/outside.rs"]
mod outside;
#[path = "flows_random/plan.rs"]
mod plan;
#[path = "flows_random/servers.rs"]
mod servers;

use drive::{Drive, Ground};

/// How many graphs a run takes unless it is told.
const GRAPHS: u32 = 300;

/// How many graphs servers as applications run them take.
const GRAPHS_BY_SERVERS: u32 = 15;
/// How many graphs one database takes: it is looked through as a whole all the time.
const GRAPHS_A_DATABASE: u32 = 25;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text}")))
}

fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Runs the graphs of a seed; the last line tells how it went.
fn graphs_follow_the_model<F: Fixture>(engine: &str, fixture: impl Fn() -> F) {
    let seed = number("JOBS_TEST_FLOWS_SEED").unwrap_or_else(|| fastrand::u64(..));
    let cases = number("JOBS_TEST_FLOWS_GRAPHS").and_then(|graphs| u32::try_from(graphs).ok()).unwrap_or(GRAPHS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let fresh = || runtime.block_on(Ground::new(fixture())).expect("a database");
    let ground = RefCell::new(fresh());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng(seed));
    let (graphs, jobs, begin) = (Cell::new(0_u32), Cell::new(0_usize), Instant::now());
    let left = Cell::new(GRAPHS_A_DATABASE);
    let found = runner.run(&plan::graph(), |graph| {
        if left.replace(left.get().saturating_sub(1)) == 0 {
            ground.replace(fresh());
            left.set(GRAPHS_A_DATABASE);
        }
        let ground = ground.borrow();
        let drive = Drive::new(&ground, &graph, false);
        let followed = runtime.block_on(async {
            drive.run().await?;
            judge::judge(&drive).await
        });
        graphs.set(graphs.get() + 1);
        jobs.set(jobs.get() + (0..graph.nodes.len()).filter(|node| graph.is_job(*node)).count());
        followed.map_err(|violation| {
            // What is wrong in this database would be found again in every other graph.
            left.set(0);
            TestCaseError::fail(violation)
        })
    });
    println!("{graphs} graphs on {engine} in {took:.1?}", graphs = graphs.get(), took = begin.elapsed());
    let violations = u32::from(found.is_err());
    let told =
        format!("flows: {engine} graphs={} jobs={} violations={violations} seed={seed}", graphs.get(), jobs.get());
    match found {
        Ok(()) => println!("{told}"),
        Err(TestError::Fail(reason, graph)) => panic!("{reason}\nin {graph:?}\n{told}"),
        Err(TestError::Abort(reason)) => panic!("{reason}\n{told}"),
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite() {
    graphs_follow_the_model("sqlite", engines::sqlite::SqliteFile::new);
}

#[cfg(feature = "postgres")]
#[test]
fn postgres() {
    if engines::postgres::Schema::new().is_some() {
        graphs_follow_the_model("postgres", || engines::postgres::Schema::new().expect("it was there before"));
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mysql() {
    if engines::mysql::Database::new().is_some() {
        graphs_follow_the_model("mysql", || engines::mysql::Database::new().expect("it was there before"));
    }
}

/// Runs some graphs of a seed on servers as applications run them.
fn servers_follow_the_model<F: Fixture>(engine: &str, url: &str, fixture: F) {
    let seed = number("JOBS_TEST_FLOWS_SEED").unwrap_or_else(|| fastrand::u64(..));
    let mut runner = TestRunner::new_with_rng(Config::default(), rng(seed));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let ground = runtime.block_on(Ground::new(fixture)).expect("a database");
    let servers = runtime.block_on(servers::start(url)).expect("three servers");
    for graph in 0..GRAPHS_BY_SERVERS {
        let plan = plan::gentle().new_tree(&mut runner).expect("every plan is one").current();
        if let Err(violation) = runtime.block_on(servers::run(&ground, &plan)) {
            panic!("{violation}\nin graph {graph} of seed {seed} on the servers of {engine}: {plan:?}");
        }
    }
    runtime.block_on(async {
        for server in servers {
            server.stop().await;
        }
    });
    println!("{GRAPHS_BY_SERVERS} graphs on three servers of {engine}, seed={seed}");
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_servers() {
    let file = engines::sqlite::SqliteFile::new();
    servers_follow_the_model("sqlite", &file.url(), file);
}

#[cfg(feature = "postgres")]
#[test]
fn postgres_servers() {
    if let Some(schema) = engines::postgres::Schema::new() {
        servers_follow_the_model("postgres", &schema.url(), schema);
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mysql_servers() {
    if let Some(database) = engines::mysql::Database::new() {
        servers_follow_the_model("mysql", &database.url(), database);
    }
}

/// Says in every run what a build without these features cannot test.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
#[test]
fn other_engines() {
    println!("LEFT OUT: other_engines: their features are off; `cargo test --all-features` tests them");
}
