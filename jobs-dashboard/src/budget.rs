//! How much of the machine the dashboard takes: a flood of requests must not slow the workers of the same process.
//!
//! A request has a turn, of which there are few, and what its answer took is taken from a purse that fills slowly. Where the purse is
//! overdrawn the turn rests until it is made up for, so that those who come next wait. Somebody who looks around never notices.

use std::{
    future::Future,
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use axum::response::{IntoResponse, Response};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::web::Fault;

/// How many requests are answered at once, and how many are answered or wait.
const TURNS: usize = 2;
const PLACES: usize = 64;
/// Who finds no place hears so after a moment, so that a program that asks again and again does not keep the machine busy.
const PAUSE: Duration = Duration::from_secs(1);
/// So long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// A turn is held no longer: the database may be slow.
const LONGEST: Duration = Duration::from_secs(5);
/// What reading a request and sending its answer costs at least.
const LEAST: Duration = Duration::from_millis(1);
/// What one costs at most: the rest it has waited, for a database that is slow, which takes nothing from the workers.
const MOST: Duration = Duration::from_millis(100);
/// So much time is in the purse at most.
const FULL: f64 = 3.0;

/// What comes of something, if it comes within ten seconds.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> Option<T> {
    timeout(PATIENCE, what).await.ok()
}

/// A purse of time and the turns.
pub(crate) struct Budget {
    turns: Arc<Semaphore>,
    places: Semaphore,
    purse: Arc<Purse>,
}

/// The right to answer a request. Whoever has it pays when it ends, also where the visitor has gone meanwhile.
struct Turn {
    purse: Arc<Purse>,
    begun: Instant,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let rest = self.purse.spend(self.begun.elapsed().clamp(LEAST, MOST), Instant::now());
        // Without a runtime nobody waits for the turn.
        if let (false, Ok(runtime), Some(permit)) = (rest.is_zero(), Handle::try_current(), self.permit.take()) {
            runtime.spawn(async move {
                sleep(rest).await;
                drop(permit);
            });
        }
    }
}

impl Budget {
    /// Of a share of the machine, from 0 to 1; all of it is no limit.
    pub(crate) fn of_share(share: f64) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self::new(if share < 1.0 { share * cores as f64 } else { f64::INFINITY })
    }

    fn new(rate: f64) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(TURNS)),
            places: Semaphore::new(PLACES),
            purse: Arc::new(Purse { rate, content: Mutex::new((Instant::now(), FULL)) }),
        }
    }

    /// Answers a request when it is its turn.
    pub(crate) async fn answer(&self, answer: impl Future<Output = Response>) -> Response {
        if self.purse.rate.is_infinite() {
            return answer.await;
        }
        let Ok(place) = self.places.try_acquire() else {
            sleep(PAUSE).await;
            return Fault::Crowded.into_response();
        };
        let Some(Ok(permit)) = in_time(Arc::clone(&self.turns).acquire_owned()).await else {
            return Fault::Crowded.into_response();
        };
        let turn = Turn { purse: Arc::clone(&self.purse), begun: Instant::now(), permit: Some(permit) };
        let mut answer = std::pin::pin!(answer);
        let answered = timeout(LONGEST, &mut answer).await;
        drop((turn, place));
        match answered {
            Ok(response) => response,
            Err(_) => answer.await,
        }
    }

    /// Whether there is time for something small, which is then spent. Nobody waits.
    pub(crate) fn has_time(&self) -> bool {
        self.purse.rate.is_infinite() || self.purse.has(LEAST, Instant::now())
    }
}

/// Time that may be spent.
struct Purse {
    /// So many seconds come in each second.
    rate: f64,
    /// When it was looked at, and how many seconds were in it; fewer than none where more was spent than there was.
    content: Mutex<(Instant, f64)>,
}

impl Purse {
    /// Takes time out if it is there.
    fn has(&self, took: Duration, now: Instant) -> bool {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.left(*content, now) - took.as_secs_f64();
        if left >= 0.0 {
            *content = (now, left);
        }
        left >= 0.0
    }

    fn left(&self, (at, seconds): (Instant, f64), now: Instant) -> f64 {
        (seconds + now.saturating_duration_since(at).as_secs_f64() * self.rate).min(FULL)
    }

    /// Takes time out; returns how long it takes until the purse is not overdrawn.
    fn spend(&self, took: Duration, now: Instant) -> Duration {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.left(*content, now) - took.as_secs_f64();
        *content = (now, left);
        if left >= 0.0 { Duration::ZERO } else { Duration::try_from_secs_f64(-left / self.rate).unwrap_or(LONGEST) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::StatusCode;
    use futures_util::future::join_all;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_purse_is_filled_slowly_and_not_without_end() {
        let begin = Instant::now();
        let purse = Purse { rate: 0.1, content: Mutex::new((begin, FULL)) };
        assert_eq!(purse.spend(SECOND * 3, begin), Duration::ZERO, "what is in it can be spent at once");
        assert_eq!(purse.spend(SECOND, begin), SECOND * 10, "a second is made up for in ten");
        assert_eq!(purse.spend(SECOND, begin + SECOND * 10), SECOND * 10, "and then it is as empty as before");
        let later = begin + SECOND * 3_600;
        assert_eq!(purse.spend(SECOND * 3, later), Duration::ZERO);
        assert_eq!(purse.spend(SECOND, later), SECOND * 10, "an hour does not make it fuller than full");
    }

    #[tokio::test(start_paused = true)]
    async fn few_are_answered_at_once_and_who_finds_no_place_hears_so() {
        let budget = Budget::new(1.0);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let ask = || {
            budget.answer(async {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_millis(10)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                StatusCode::OK.into_response()
            })
        };
        let answers = join_all((0..PLACES + 5).map(|_| ask())).await;
        let count = |status| answers.iter().filter(|answer| answer.status() == status).count();
        assert_eq!((count(StatusCode::OK), count(StatusCode::SERVICE_UNAVAILABLE)), (PLACES, 5));
        assert_eq!(most.load(Ordering::SeqCst), TURNS);
        assert_eq!(ask().await.status(), StatusCode::OK, "places are free again");
    }

    #[tokio::test(start_paused = true)]
    async fn who_hangs_up_pays_too() {
        let budget = Budget::new(0.1);
        let slow = || async {
            std::thread::sleep(Duration::from_millis(2));
            sleep(SECOND).await;
            StatusCode::OK.into_response()
        };
        for _ in 0..TURNS {
            assert!(timeout(Duration::from_millis(1), budget.answer(slow())).await.is_err());
        }
        let left = budget.purse.content.lock().unwrap().1;
        assert!(left <= FULL - 0.002 * TURNS as f64, "{left} s are left");
        assert_eq!(budget.answer(async { StatusCode::OK.into_response() }).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn strangers_never_wait() {
        let budget = Budget::new(0.001);
        let pages = (0..10_000).filter(|_| budget.has_time()).count();
        assert!((2_900..3_200).contains(&pages), "{pages} pages for three seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_visitor_keeps_no_turn() {
        let budget = Budget::new(1_000.0);
        let slow = || async {
            sleep(SECOND * 600).await;
            StatusCode::OK.into_response()
        };
        let begin = tokio::time::Instant::now();
        let quick = async {
            sleep(SECOND).await;
            let answer = budget.answer(async { StatusCode::ACCEPTED.into_response() }).await;
            (answer.status(), begin.elapsed() < SECOND * 60)
        };
        let (first, second, quick) = tokio::join!(budget.answer(slow()), budget.answer(slow()), quick);
        assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::OK));
        assert_eq!(quick, (StatusCode::ACCEPTED, true));
    }
}
