//! How the lease is kept.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{client, pass, server, until};
use crate::{
    server::{
        fake::{Fake, away},
        lease::{LeaseThread, Pulse, Trust, renew_for_test},
    },
    storage::{Beat, SharedStorage},
};

const BEAT: Duration = Duration::from_secs(3);
const LEASE: Duration = Duration::from_secs(12);

fn pulse(fake: &Arc<Fake>, beat: Duration) -> Pulse {
    let (shared, _) = server(fake).build().expect("the server is valid");
    Pulse { storage: fake.clone() as SharedStorage, beat, lease: beat * 4, say: Box::new(move || shared.beat()) }
}

/// Keeps a lease on the test's own runtime.
fn keep(fake: &Arc<Fake>) -> (Trust, CancellationToken) {
    let stop = CancellationToken::new();
    (renew_for_test(pulse(fake, BEAT), stop.clone()).1, stop)
}

#[tokio::test(start_paused = true)]
async fn a_beat_each_period_keeps_the_trust() {
    let fake = Arc::new(Fake::default());
    let (mut trust, _stop) = keep(&fake);
    assert!(!trust.holds(), "not before the first beat");
    trust.first_beat().await;
    assert!(trust.holds());
    for _ in 0..100 {
        pass(Duration::from_millis(700)).await;
        assert!(trust.holds());
    }
    let beats = fake.calls("beat");
    assert!((23..=25).contains(&beats), "{beats} beats in 70 s");
    assert_eq!(fake.calls("heart"), 1);
}

#[tokio::test(start_paused = true)]
async fn trust_ends_before_the_lease_and_comes_back_with_a_new_heart() {
    let fake = Arc::new(Fake::default());
    let (mut trust, _stop) = keep(&fake);
    trust.first_beat().await;
    let last_good = Instant::now();
    fake.fail("beat", std::iter::repeat_with(away).take(8));
    until(|| !trust.holds()).await;
    let trusted = last_good.elapsed();
    assert!(trusted >= BEAT * 2 && trusted < LEASE, "trusted for {trusted:?}");
    until(|| trust.holds()).await;
    assert_eq!(fake.calls("heart"), 9, "each failure opens another connection");
}

#[tokio::test(start_paused = true)]
async fn the_first_beat_is_waited_for_once_even_if_it_fails() {
    let fake = Arc::new(Fake::default());
    fake.fail("heart", [away()]);
    let (mut trust, _stop) = keep(&fake);
    trust.first_beat().await;
    assert!(!trust.holds());
    until(|| trust.holds()).await;
}

#[tokio::test(start_paused = true)]
async fn a_late_beat_is_carried_out_and_none_follows_the_end() {
    let fake = Arc::new(Fake::default());
    let (begun, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let (mut pulse, count) = (pulse(&fake, BEAT), begun.clone());
    let say = pulse.say;
    pulse.say = Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        say()
    });
    // Longer than a period: each beat is late.
    fake.world().beat_takes = BEAT + BEAT / 2;
    let (renewal, trust) = renew_for_test(pulse, stop.clone());
    pass(BEAT * 10 + BEAT / 3).await;
    assert!(!trust.holds(), "a late beat proves nothing");
    stop.cancel();
    renewal.await.expect("it does not panic");
    let begun = begun.load(Ordering::Relaxed);
    assert!(begun > 3, "{begun} beats");
    assert_eq!(fake.calls("beat"), begun, "each was carried out before the end");
    pass(LEASE * 5).await;
    assert_eq!(fake.calls("beat"), begun);
}

#[tokio::test(start_paused = true)]
async fn a_beat_that_never_comes_back_holds_the_end_up_for_two_periods_at_most() {
    let fake = Arc::new(Fake::default());
    fake.world().beat_takes = Duration::from_secs(1_000_000);
    let stop = CancellationToken::new();
    let (renewal, _trust) = renew_for_test(pulse(&fake, BEAT), stop.clone());
    pass(LEASE * 5).await;
    let begin = Instant::now();
    stop.cancel();
    renewal.await.expect("it does not panic");
    assert!(begin.elapsed() <= BEAT * 2, "after {:?}", begin.elapsed());
}

/// Real time: the thread's clock is not the test's. Nothing here is decided by how fast anything is.
#[tokio::test]
async fn beats_go_on_while_a_job_blocks_the_runtime_and_end_with_the_server() {
    let fake = Arc::new(Fake::default());
    let _client = client(&fake);
    let (send, beats) = mpsc::channel();
    let send = Mutex::new(send);
    let mut pulse = pulse(&fake, Duration::from_millis(5));
    let say = pulse.say;
    pulse.say = Box::new(move || {
        // The test may have heard enough.
        let _ = send.lock().unwrap_or_else(PoisonError::into_inner).send(());
        let beat: Beat = say();
        beat
    });
    let (lease, trust) = LeaseThread::start(pulse).expect("the thread starts");
    // This blocks the only thread of the test's runtime.
    for _ in 0..20 {
        beats.recv_timeout(Duration::from_secs(60)).expect("the beats go on");
    }
    lease.stop().await;
    while beats.try_recv().is_ok() {}
    assert!(beats.recv().is_err(), "the thread has ended and dropped its sender");
    drop(trust);
}
