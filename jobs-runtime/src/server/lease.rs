//! Renews the server's lease on a thread of its own, so that no job can delay a beat, and says how long the lease can be
//! trusted.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    runtime,
    sync::{oneshot, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{BoxError, Error, Result},
    server::outage::Outage,
    storage::{Beat, Heart, SharedStorage},
};

/// The share of the lease in which nothing is claimed any more, so that a claim never outlives it.
const MARGIN: u32 = 4;

/// Until when this server may believe that its lease is valid.
#[derive(Clone, Debug)]
pub(crate) struct Trust(watch::Receiver<Belief>);

#[derive(Clone, Copy, Debug, Default)]
struct Belief {
    until: Option<Instant>,
    tried: bool,
}

impl Trust {
    /// Whether the server may claim.
    pub(crate) fn holds(&self) -> bool {
        self.0.borrow().until.is_some_and(|until| Instant::now() < until)
    }

    /// Resolves at the next beat. For good when the lease is renewed no more.
    pub(crate) async fn renewed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Resolves when the first beat has succeeded or failed.
    pub(crate) async fn first_beat(&mut self) {
        // An error means that the thread has ended; there is no beat to wait for then.
        let _ = self.0.wait_for(|belief| belief.tried).await;
    }

    /// A trust that a test sets.
    #[cfg(test)]
    pub(crate) fn until(until: Option<Instant>) -> (watch::Sender<Option<Instant>>, Self) {
        let (sender, mut set) = watch::channel(until);
        let (belief, receiver) = watch::channel(Belief { until, tried: true });
        tokio::spawn(async move {
            while set.changed().await.is_ok() {
                belief.send_replace(Belief { until: *set.borrow_and_update(), tried: true });
            }
            std::future::pending::<()>().await;
        });
        (sender, Self(receiver))
    }
}

/// How often and for how long the lease is renewed, and what is said with it.
pub(crate) struct Pulse {
    pub(crate) storage: SharedStorage,
    pub(crate) beat: Duration,
    pub(crate) lease: Duration,
    /// Makes the next beat.
    pub(crate) say: Box<dyn Fn() -> Beat + Send + Sync>,
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("beat", &self.beat).field("lease", &self.lease).finish_non_exhaustive()
    }
}

/// The thread that renews a lease. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct LeaseThread {
    stop: CancellationToken,
    ended: Option<oneshot::Receiver<()>>,
}

impl LeaseThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Config`] when the system refuses a thread or a runtime.
    pub(crate) fn start(pulse: Pulse) -> Result<(Self, Trust)> {
        let refused = |error| Error::config(format!("the thread that renews the lease cannot start: {error}"));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
        let (belief, trust) = watch::channel(Belief::default());
        let (end, ended) = oneshot::channel();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        thread::Builder::new()
            .name("jobs-lease".to_owned())
            .spawn(move || {
                let pulse = Arc::new(pulse);
                while !stopped.is_cancelled() {
                    let renew = || runtime.block_on(renew(&pulse, &belief, &stopped));
                    if catch_unwind(AssertUnwindSafe(renew)).is_err() {
                        tracing::error!("the renewal of the lease panicked; it starts again");
                        runtime.block_on(sleep(pulse.beat));
                    }
                }
                drop(runtime);
                // Nobody waits when the server was dropped.
                let _ = end.send(());
            })
            .map_err(refused)?;
        Ok((Self { stop, ended: Some(ended) }, Trust(trust)))
    }

    /// Ends the thread after the beats that are on their way, so that no beat follows the server's retirement. One that has no
    /// answer holds it up for two periods at most.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(ended) = self.ended.take() {
            // An error means that the thread is gone already.
            let _ = ended.await;
        }
    }
}

impl Drop for LeaseThread {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The storage's connection for beats.
type OpenHeart = Box<dyn Heart>;

/// Beats until `stop`, and then waits for the beats on their way. Opens the heart again after every failure.
async fn renew(pulse: &Arc<Pulse>, belief: &watch::Sender<Belief>, stop: &CancellationToken) {
    let mut late = Vec::new();
    beat_until(pulse, belief, stop, &mut late).await;
    if timeout(pulse.beat, join_all(late)).await.is_err() {
        tracing::warn!("a renewal of the lease has no answer; the server may be listed until it runs out");
    }
}

async fn beat_until(
    pulse: &Arc<Pulse>,
    belief: &watch::Sender<Belief>,
    stop: &CancellationToken,
    late: &mut Vec<JoinHandle<Result<OpenHeart>>>,
) {
    let mut heart = None;
    let mut outage = Outage::new("renew the lease");
    let mut beats = interval(pulse.beat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = beats.tick() => {}
        }
        late.retain(|beat| !beat.is_finished());
        let start = Instant::now();
        // On a task of its own, because its statement may still be carried out after it is late.
        let mut on_its_way = tokio::spawn(beat(pulse.clone(), heart.take()));
        let answer = match timeout(pulse.beat, &mut on_its_way).await {
            Ok(ended) => ended.unwrap_or_else(|panic| Err(unavailable(panic))),
            Err(_) => {
                late.push(on_its_way);
                Err(no_answer(pulse.beat))
            }
        };
        match answer {
            Ok(same) => {
                heart = Some(same);
                outage.recovered();
                let until = Some(start + pulse.lease - pulse.lease / MARGIN);
                belief.send_replace(Belief { until, tried: true });
            }
            Err(error) => {
                // The connection may be half open or in the middle of an answer: the next beat opens another.
                let pause = outage.failed(&error);
                belief.send_modify(|belief| belief.tried = true);
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(pause.min(pulse.beat)) => beats.reset_immediately(),
                }
            }
        }
    }
}

/// Beats once. What has no answer for a whole lease is given up together with its connection, so that few hang at once.
async fn beat(pulse: Arc<Pulse>, heart: Option<OpenHeart>) -> Result<OpenHeart> {
    let beat = async {
        let mut heart = match heart {
            Some(heart) => heart,
            None => pulse.storage.heart().await?,
        };
        heart.beat(&(pulse.say)()).await?;
        Ok(heart)
    };
    timeout(pulse.lease, beat).await.unwrap_or_else(|_| Err(no_answer(pulse.lease)))
}

fn no_answer(limit: Duration) -> Error {
    unavailable(format!("no answer within {limit:?}"))
}

fn unavailable(cause: impl Into<BoxError>) -> Error {
    Error::Unavailable { what: "renew the lease".to_owned(), source: cause.into() }
}

/// Keeps a lease on the test's own runtime and clock.
#[cfg(test)]
pub(crate) fn renew_for_test(pulse: Pulse, stop: CancellationToken) -> (JoinHandle<()>, Trust) {
    let (belief, trust) = watch::channel(Belief::default());
    let pulse = Arc::new(pulse);
    (tokio::spawn(async move { renew(&pulse, &belief, &stop).await }), Trust(trust))
}
