//! The one task that reads for all streams, and the only place of the dashboard that sleeps: it runs while somebody listens.

use std::{sync::Arc, time::Duration};

use super::Inner;

/// How often it reads.
const PERIOD: Duration = Duration::from_secs(1);

pub(super) async fn run(inner: Arc<Inner>) {
    while !inner.is_over() {
        inner.beat().await;
        tokio::time::sleep(PERIOD).await;
    }
}
