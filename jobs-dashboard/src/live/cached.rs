//! A value that is read for whoever asks first, and shown to all who ask soon after.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jobs_runtime::Result;
use tokio::sync::Mutex;

use crate::web::Fault;

/// After a reading that failed, nobody tries again for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// One value, or that it could not be read.
pub(super) struct Cached<T> {
    slot: Mutex<Option<Reading<T>>>,
    /// Whether a newer one is being read while the old one is shown.
    is_renewed: AtomicBool,
}

/// When it was read, and what came of it.
type Reading<T> = (Instant, Result<Arc<T>, Fault>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { slot: Mutex::new(None), is_renewed: AtomicBool::new(false) }
    }
}

impl<T> Cached<T> {
    /// The value if it is not older than `age`; else it is read. Who asks meanwhile waits for that reading.
    pub(super) async fn get(&self, age: Duration, read: impl Future<Output = Result<T>>) -> Result<Arc<T>, Fault> {
        let mut slot = self.slot.lock().await;
        if let Some((at, value)) = &*slot {
            let age = if value.is_ok() { age } else { PAUSE };
            if at.elapsed() < age {
                return value.clone();
            }
        }
        let value = read.await.map(Arc::new).map_err(Fault::from);
        *slot = Some((Instant::now(), value.clone()));
        value
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// The same, but for an `age` up to `most` the old value is shown, and a newer one is read meanwhile for those who ask later.
    pub(super) async fn get_or_old(
        self: &Arc<Self>,
        age: Duration,
        most: Duration,
        read: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<Arc<T>, Fault> {
        let known = self.slot.lock().await.clone();
        let (at, value) = match known {
            Some((at, Ok(value))) if at.elapsed() < most => (at, value),
            _ => return self.get(age, read).await,
        };
        if at.elapsed() >= age && !self.is_renewed.swap(true, Ordering::Relaxed) {
            let this = Arc::clone(self);
            tokio::spawn(async move {
                match read.await {
                    Ok(value) => *this.slot.lock().await = Some((Instant::now(), Ok(Arc::new(value)))),
                    // Who asks when the old one is too old hears of it.
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "statistics are not renewed")
                    }
                }
                this.is_renewed.store(false, Ordering::Relaxed);
            });
        }
        Ok(value)
    }
}

impl<T> Cached<T> {
    /// Lets the next who asks read it anew.
    pub(super) async fn forget(&self) {
        *self.slot.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use futures_util::future::join_all;
    use jobs_runtime::Error;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[tokio::test]
    async fn fifty_who_ask_at_once_cost_what_one_costs() {
        let (cached, reads) = (Cached::default(), AtomicU32::new(0));
        let ask = || {
            cached.get(LONG, async {
                tokio::task::yield_now().await;
                Ok(reads.fetch_add(1, Ordering::Relaxed))
            })
        };
        for value in join_all((0..50).map(|_| ask())).await {
            assert_eq!(value, Ok(Arc::new(0)));
        }
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        assert_eq!(cached.get(Duration::ZERO, async { Ok(7) }).await, Ok(Arc::new(7)), "an old value is read again");
    }

    #[tokio::test]
    async fn a_database_that_is_down_is_not_asked_by_each_who_waits() {
        let (cached, reads) = (Cached::<u32>::default(), AtomicU32::new(0));
        let fail = || {
            cached.get(LONG, async {
                tokio::task::yield_now().await;
                reads.fetch_add(1, Ordering::Relaxed);
                Err(Error::Locked("it is locked".into()))
            })
        };
        for value in join_all((0..50).map(|_| fail())).await {
            assert_eq!(value, Err(Fault::Down));
        }
        assert_eq!(reads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_old_value_is_shown_while_a_newer_one_is_read() {
        let (cached, reads) = (Arc::new(Cached::default()), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let reads = Arc::clone(&reads);
            cached.get_or_old(Duration::ZERO, LONG, async move { Ok(reads.fetch_add(1, Ordering::Relaxed)) })
        };
        assert_eq!(ask().await, Ok(Arc::new(0)), "the first waits for its reading");
        assert_eq!(ask().await, Ok(Arc::new(0)), "the second does not");
        while reads.load(Ordering::Relaxed) < 2 || cached.is_renewed.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask().await, Ok(Arc::new(1)), "the third sees what was read meanwhile");
    }
}
