//! Places at which a test stops the process for good, in order to kill it there. Without the feature `testing` they are nothing.

/// Where a transaction stands that ends jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failpoint {
    /// It has begun, and has written nothing.
    Begun,
    /// All is written, and nothing committed.
    Written,
    /// It is committed, and nobody has heard of it.
    Committed,
}

/// The transaction has come so far.
#[cfg(not(feature = "testing"))]
pub(crate) const fn reached(_: Failpoint) {}

/// The transaction has come so far. Where `JOBS_TEST_FAILPOINT` is `written 3 file`, the third to come to `written` makes the file and
/// never goes on.
#[cfg(feature = "testing")]
pub(crate) fn reached(point: Failpoint) {
    armed::stop_at(point);
}

/// Whether a transaction must be one that can be stopped in the middle.
#[cfg(all(feature = "mysql", not(feature = "testing")))]
pub(crate) const fn is_armed() -> bool {
    false
}

/// Whether a transaction must be one that can be stopped in the middle.
#[cfg(all(feature = "mysql", feature = "testing"))]
pub(crate) fn is_armed() -> bool {
    armed::is_armed()
}

#[cfg(feature = "testing")]
mod armed {
    use std::{
        path::PathBuf,
        sync::{
            LazyLock,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::Failpoint;

    struct Armed {
        point: Failpoint,
        /// How many still pass.
        passing: AtomicU32,
        file: PathBuf,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let text = std::env::var("JOBS_TEST_FAILPOINT").ok()?;
        let mut words = text.splitn(3, ' ');
        let point = match words.next()? {
            "begun" => Failpoint::Begun,
            "written" => Failpoint::Written,
            "committed" => Failpoint::Committed,
            _ => return None,
        };
        let passing = words.next()?.parse::<u32>().ok()?.checked_sub(1)?;
        Some(Armed { point, passing: passing.into(), file: words.next()?.into() })
    });

    #[cfg(feature = "mysql")]
    pub(super) fn is_armed() -> bool {
        ARMED.is_some()
    }

    pub(super) fn stop_at(point: Failpoint) {
        let Some(armed) = ARMED.as_ref().filter(|armed| armed.point == point) else { return };
        let passed = armed.passing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |passing| passing.checked_sub(1));
        if passed.is_ok() {
            return;
        }
        if let Err(error) = std::fs::write(&armed.file, "") {
            tracing::error!(%error, "a failpoint cannot say that it was reached");
        }
        loop {
            std::thread::park();
        }
    }
}
