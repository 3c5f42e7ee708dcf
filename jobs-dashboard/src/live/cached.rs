//! A value that is read for whoever asks first, and shown to all who ask soon after.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use jobs_runtime::Result;
use tokio::sync::Mutex;

use crate::web::Fault;

/// After a reading that failed, nobody tries again for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// One value, or that it could not be read.
pub(super) struct Cached<T>(Mutex<Option<Reading<T>>>);

/// When it was read, and what came of it.
type Reading<T> = (Instant, Result<Arc<T>, Fault>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Cached<T> {
    /// The value if it is not older than `age`; else it is read. Who asks meanwhile waits for that reading.
    pub(super) async fn get(&self, age: Duration, read: impl Future<Output = Result<T>>) -> Result<Arc<T>, Fault> {
        let mut slot = self.0.lock().await;
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

impl<T> Cached<T> {
    /// Lets the next who asks read it anew.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

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
}
