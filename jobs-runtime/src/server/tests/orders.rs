//! What an operator tells a running server.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    super::fake::{Fake, away, job},
    Bench, pass, until,
};
use crate::storage::Orders;

const TOLD: Duration = Duration::from_millis(1_100);

#[tokio::test(start_paused = true)]
async fn a_server_grows_and_shrinks_without_stopping_a_job() {
    let bench = Bench::start(Fake::default());
    bench.fake.enqueue((0..12).map(|_| job("gate")));
    until(|| bench.started().len() == 4).await;
    bench.fake.world().orders = Orders { stop: false, workers: Some(6) };
    pass(TOLD).await;
    assert_eq!((bench.started().len(), bench.shared.slots.taken()), (6, 6));
    assert_eq!(bench.shared.beat().info.workers, 6);
    bench.fake.world().orders = Orders { stop: false, workers: Some(1) };
    pass(TOLD).await;
    assert_eq!(bench.shared.slots.taken(), 6, "no running job is stopped");
    assert_eq!(bench.shared.beat().info.workers, 1);
    bench.open_gate(5);
    pass(TOLD).await;
    assert_eq!((bench.started().len(), bench.shared.slots.taken()), (6, 1), "none starts before there is one left");
    bench.open_gate(1);
    until(|| bench.started().len() == 7).await;
    assert_eq!(bench.shared.slots.taken(), 1);
    bench.open_gate(99);
    until(|| bench.fake.ends().len() == 12).await;
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_gone_change_nothing() {
    let bench = Bench::start(Fake::default());
    bench.fake.world().orders = Orders { stop: false, workers: Some(2) };
    pass(TOLD).await;
    for workers in [None, Some(0)] {
        bench.fake.world().orders = Orders { stop: false, workers };
        pass(TOLD).await;
        assert_eq!(bench.shared.slots.total(), 2, "{workers:?}");
    }
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_told_to_stop_drains() {
    let bench = Bench::start(Fake::default());
    let running = job("sleep:5000");
    bench.fake.enqueue([running.clone()]);
    until(|| bench.started().len() == 1).await;
    bench.fake.fail("server_look", [away(), away()]);
    bench.fake.world().orders = Orders { stop: true, workers: None };
    let told = Instant::now();
    bench.supervisor.await.expect("the supervisor does not panic");
    assert!((Duration::from_secs(3)..Duration::from_secs(9)).contains(&told.elapsed()), "{:?}", told.elapsed());
    assert_eq!(bench.fake.ends().len(), 1, "what ran has ended");
    assert_eq!(bench.fake.world().retired, [bench.shared.id]);
}
