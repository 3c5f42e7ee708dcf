//! Chunks of a bulk side by side: what begins when, what becomes of the others when one fails, and what is answered.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use super::fake::{Fake, Greet, greet};
use crate::{Client, Error, JobHandle, Result, codec, storage::Settings};

/// A call of four chunks whose storage waits before each.
struct Trial {
    fake: Arc<Fake>,
    client: Client,
    gates: Vec<Option<oneshot::Sender<Result<()>>>>,
    /// How many jobs were read from the iterator.
    read: Arc<AtomicUsize>,
}

type Call = BoxFuture<'static, Result<Vec<JobHandle<String>>>>;

impl Trial {
    fn new(lanes: usize) -> Self {
        let settings = Settings { payload_limit: 1_000, ..Settings::default() };
        let (fake, client) = Fake::open_with(settings);
        let (gates, waiting): (Vec<_>, _) = (0..4).map(|_| oneshot::channel()).unzip();
        fake.world().lanes = lanes;
        fake.world().gates = waiting;
        Self { fake, client, gates: gates.into_iter().map(Some).collect(), read: Arc::default() }
    }

    fn call(&self, job: impl Fn(usize) -> Greet + Send + 'static) -> Call {
        let read = Arc::clone(&self.read);
        let jobs = (0..20_000).map(move |number| {
            read.fetch_add(1, Ordering::Relaxed);
            job(number)
        });
        Box::pin(self.client.enqueue_all(jobs).into_future())
    }

    fn open(&mut self, gate: usize, result: Result<()>) {
        let gate = self.gates[gate].take().expect("a gate opens once");
        gate.send(result).expect("somebody waits at the gate");
    }

    /// How many chunks were begun, and how many jobs were read.
    fn progress(&self) -> (usize, usize) {
        (self.fake.world().begun, self.read.load(Ordering::Relaxed))
    }

    fn stored(&self) -> usize {
        self.fake.world().jobs.len()
    }
}

fn named(number: usize) -> Greet {
    greet(&number.to_string())
}

fn waits(call: &mut Call) -> bool {
    call.now_or_never().is_none()
}

fn full() -> Result<()> {
    Err(Error::Full("test".to_owned()))
}

fn locked() -> Result<()> {
    Err(Error::Locked("test".to_owned()))
}

#[tokio::test]
async fn the_next_chunk_is_made_while_one_is_on_its_way() {
    let mut trial = Trial::new(1);
    let mut call = trial.call(named);
    assert!(waits(&mut call));
    assert_eq!(trial.progress(), (1, 10_000));
    for gate in 0..3 {
        trial.open(gate, Ok(()));
        assert!(waits(&mut call));
        assert_eq!(trial.progress(), (gate + 2, 20_000.min(5_000 * (gate + 3))));
    }
    trial.open(3, Ok(()));
    assert_eq!(call.await.expect("stored").len(), 20_000);
    assert_eq!(trial.fake.world().inserts, [5_000; 4]);
}

#[tokio::test]
async fn handles_come_in_the_order_of_the_jobs_whichever_chunk_was_first() {
    let mut trial = Trial::new(3);
    let mut call = trial.call(named);
    assert!(waits(&mut call));
    assert_eq!(trial.progress(), (3, 20_000));
    for gate in [2, 1, 3] {
        trial.open(gate, Ok(()));
        assert!(waits(&mut call));
    }
    trial.open(0, Ok(()));
    let handles = call.await.expect("stored");
    assert_eq!(handles.len(), 20_000);
    assert!(handles.is_sorted_by(|one, next| one.id() < next.id()), "ids are made in order");
    for (number, handle) in handles.iter().enumerate().step_by(617) {
        let stored = trial.fake.job(handle.id());
        let (header, body) = codec::open(&stored.payload, "args").expect("a payload");
        assert_eq!(codec::read::<Greet>(header, body, "args").expect("args"), named(number));
        assert!(handle.is_new());
    }
}

#[tokio::test]
async fn after_a_failure_nothing_is_begun_and_what_is_on_its_way_is_waited_for() {
    let mut trial = Trial::new(2);
    let mut call = trial.call(named);
    assert!(waits(&mut call));
    assert_eq!(trial.progress(), (2, 15_000));
    trial.open(0, full());
    assert!(waits(&mut call), "the second is still on its way");
    assert_eq!(trial.progress(), (2, 15_000));
    trial.open(1, Ok(()));
    let error = call.await.expect_err("the first chunk has failed");
    assert!(matches!(error, Error::Full(_)), "{error}");
    assert_eq!(trial.progress(), (2, 15_000));
    assert_eq!(trial.stored(), 5_000, "the second chunk stays");
}

#[tokio::test]
async fn of_several_errors_the_earliest_chunks_is_returned() {
    let mut trial = Trial::new(3);
    let mut call = trial.call(named);
    assert!(waits(&mut call));
    for (gate, result) in [(1, locked()), (2, Ok(()))] {
        trial.open(gate, result);
        assert!(waits(&mut call));
    }
    trial.open(0, full());
    assert!(matches!(call.await, Err(Error::Full(_))));
    assert_eq!((trial.progress().0, trial.stored()), (3, 5_000));
}

#[tokio::test]
async fn a_job_that_is_refused_lets_the_chunks_before_it_end() {
    for (result, is_stored) in [(Ok(()), true), (full(), false)] {
        let mut trial = Trial::new(2);
        let mut call = trial.call(|number| if number == 7_000 { greet(&"x".repeat(1_000)) } else { named(number) });
        assert!(waits(&mut call));
        assert_eq!(trial.progress(), (1, 7_001));
        trial.open(0, result);
        match call.await {
            Err(Error::TooLarge { .. }) => assert!(is_stored),
            Err(Error::Full(_)) => assert!(!is_stored, "the earlier chunk's error comes first"),
            other => panic!("{other:?}"),
        }
        assert_eq!(trial.stored(), if is_stored { 5_000 } else { 0 });
        assert_eq!(trial.progress(), (1, 7_001));
    }
}

#[tokio::test]
async fn a_dropped_call_begins_nothing_more() {
    let mut trial = Trial::new(2);
    let mut call = trial.call(named);
    assert!(waits(&mut call));
    trial.open(0, Ok(()));
    assert!(waits(&mut call));
    assert_eq!(trial.progress(), (3, 20_000));
    drop(call);
    assert_eq!((trial.progress().0, trial.stored()), (3, 5_000));
    trial.fake.world().gates.clear();
    assert_eq!(trial.client.enqueue_all([named(0)]).await.expect("stored").len(), 1);
}

#[tokio::test]
async fn a_panic_of_the_iterator_reaches_the_caller_and_begins_nothing_more() {
    let trial = Trial::new(2);
    let call = trial.call(|number| if number == 12_000 { panic!("no more") } else { named(number) });
    let panic = AssertUnwindSafe(call).catch_unwind().await.expect_err("the iterator panics");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"no more"));
    assert_eq!(trial.progress(), (2, 12_001));
    trial.fake.world().gates.clear();
    assert_eq!(trial.client.enqueue_all([named(0)]).await.expect("stored").len(), 1);
}
