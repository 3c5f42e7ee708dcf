//! A worker that stalls past its lease: its jobs run elsewhere, and every result that it reports afterwards is refused and counted.

use jobs::{Client, Measure, State};
use jobs_test_servers::Product;

use crate::{
    Ground,
    common::{assert_sound, count, until},
    fleet::{Fleet, assert_accounted, assert_ledger, counted, until_succeeded},
    handlers,
};

const JOBS: u32 = 64;

#[tokio::test(flavor = "multi_thread")]
async fn postgres_every_stale_result_is_refused_and_counted() {
    every_stale_result_is_refused_and_counted(Product::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_every_stale_result_is_refused_and_counted() {
    every_stale_result_is_refused_and_counted(Product::MariaDb).await;
}

async fn every_stale_result_is_refused_and_counted(product: Product) {
    let Some(ground) = Ground::new(product, "cluster stalled").await else { return };
    let client = Client::connect(&ground.url).await.unwrap();
    client.enqueue_all((0..JOBS).map(|job| handlers::haul::new(job, 700)).collect::<Vec<_>>()).await.unwrap();
    let mut fleet = Fleet::start(&ground.url, 2);
    until("both workers to run jobs", || async {
        (count(&client, State::Processing).await >= 16 && fleet.ledger().len() >= 16).then_some(())
    })
    .await;
    fleet.workers[0].signal("STOP");
    // Its jobs are given to the other worker, however long that takes.
    until("the stalled worker's jobs to be rescued", || async {
        (counted(&client, Measure::Rescued).await > 0).then_some(())
    })
    .await;
    until_succeeded(&client, i64::from(JOBS)).await;
    fleet.workers[0].signal("CONT");
    // It ends what it had begun, reports it, and is told that it has lost the right; what it has not ended by then is stopped.
    until("the results of the stalled worker to be refused", || async {
        let stale = counted(&client, Measure::Stale).await;
        (stale > 0 && stale == unaccepted(&fleet)).then_some(())
    })
    .await;
    fleet.stop();

    assert_accounted(&client, JOBS as usize).await;
    let refused = i64::try_from(assert_ledger(&fleet, JOBS as usize)).unwrap();
    let stale = counted(&client, Measure::Stale).await;
    println!("{product}: {refused} handlers came to their end after their job was taken away; {stale} results refused");
    assert_eq!(stale, refused, "each of them was refused and counted");
    assert_sound(&client).await;
}

/// How many more ends the ledger has than there are jobs.
fn unaccepted(fleet: &Fleet) -> i64 {
    let ends = fleet.ledger().iter().filter(|entry| entry.is_end).count();
    i64::try_from(ends).unwrap() - i64::from(JOBS)
}
