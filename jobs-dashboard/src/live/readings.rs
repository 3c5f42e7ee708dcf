//! Lists and records that several visitors look at: while streams are open, each is read once after a change, whoever asks.

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jobs_runtime::Result;

use super::cached::Cached;
use crate::web::Fault;

/// So old may one be while streams tell of changes.
const AGE: Duration = Duration::from_millis(900);
/// So many are kept.
const MOST: usize = 200;

/// What was read, by what was asked.
#[derive(Default)]
pub(super) struct Readings {
    known: Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>,
    /// Whether somebody says when they are old. Where nobody does, who asks reads.
    are_kept: AtomicBool,
}

impl Readings {
    /// What `asked` tells apart from all other questions; it is read where it is not known.
    pub(super) async fn get<T>(
        &self,
        asked: String,
        read: impl Future<Output = Result<T>>,
    ) -> std::result::Result<Arc<T>, Fault>
    where
        T: Send + Sync + 'static,
    {
        if !self.are_kept.load(Ordering::Relaxed) {
            return read.await.map(Arc::new).map_err(Fault::from);
        }
        let cached = self.cached::<T>(asked);
        cached.get(AGE, read).await
    }

    fn cached<T: Send + Sync + 'static>(&self, asked: String) -> Arc<Cached<T>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        let cached = known.entry(asked).or_insert_with(|| Arc::<Cached<T>>::default());
        // A question is always asked for the same type.
        Arc::clone(cached).downcast().unwrap_or_default()
    }

    /// Everything may be old: it has changed, or somebody has acted.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether somebody says from now on when they are old.
    pub(super) fn keep(&self, are_kept: bool) {
        self.are_kept.store(are_kept, Ordering::Relaxed);
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn fifty_who_watch_the_same_cost_what_one_costs() {
        let (readings, reads) = (Readings::default(), AtomicU32::new(0));
        let ask = |asked: &str| {
            readings.get(asked.to_owned(), async {
                tokio::task::yield_now().await;
                Ok(reads.fetch_add(1, Ordering::Relaxed))
            })
        };
        assert_eq!((ask("a").await, ask("a").await), (Ok(Arc::new(0)), Ok(Arc::new(1))), "nobody tells of changes");
        readings.keep(true);
        for value in join_all((0..50).map(|_| ask("a"))).await {
            assert_eq!(value, Ok(Arc::new(2)));
        }
        assert_eq!(ask("b").await, Ok(Arc::new(3)), "another question is another reading");
        readings.forget();
        assert_eq!(ask("a").await, Ok(Arc::new(4)), "after a change it is read anew");
    }

    #[tokio::test]
    async fn questions_are_not_kept_without_end() {
        let readings = Readings::default();
        readings.keep(true);
        for number in 0..MOST * 3 {
            let value = readings.get(number.to_string(), async { Ok(number) }).await;
            assert_eq!(value, Ok(Arc::new(number)));
        }
        assert!(readings.known.lock().unwrap().len() <= MOST);
    }
}
