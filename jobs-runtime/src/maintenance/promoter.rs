//! Makes jobs runnable when their time has come.

use std::time::Duration;

use async_trait::async_trait;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

/// How many jobs one step moves.
const LIMIT: u32 = 1_000;
/// The longest time between two looks: another process may have stored a job that is due sooner.
const PERIOD: Duration = Duration::from_secs(1);

/// Moves due jobs to where they can be claimed.
#[derive(Debug)]
pub(crate) struct Promoter {
    storage: SharedStorage,
}
