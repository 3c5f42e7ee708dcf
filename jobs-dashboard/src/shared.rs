//! What all requests share.

use std::sync::Arc;

use jobs_runtime::Client;

use crate::{budget::Budget, live::Live, policy::Policy};

/// The one state of a dashboard.
pub(crate) type Shared = Arc<State>;

/// What the application said, and what is read for all visitors together.
pub(crate) struct State {
    pub(crate) client: Client,
    pub(crate) policy: Policy,
    pub(crate) title: String,
    pub(crate) environment: Option<String>,
    pub(crate) forwarded_prefix: bool,
    pub(crate) live: Live,
    /// What those may take who are let in, and what all others.
    pub(crate) visitors: Budget,
    pub(crate) strangers: Budget,
}
