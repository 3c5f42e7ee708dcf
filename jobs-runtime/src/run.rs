//! One attempt on its way through the middleware to the handler.

use std::sync::Arc;

use crate::{context::JobContext, job::Descriptor, storage::Input};

/// One attempt of one job: the request that `tower` layers see.
///
/// ```
/// use jobs_runtime::Run;
/// use tower::util::MapRequestLayer;
///
/// let announce = MapRequestLayer::new(|run: Run| {
///     println!("attempt {} of {}", run.context().attempt(), run.descriptor().kind);
///     run
/// });
/// # drop(announce);
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) context: JobContext,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) payload: Arc<Vec<u8>>,
    /// The job's parents with what they left for it, where the handler takes something from them.
    pub(crate) inputs: Option<Arc<[Input]>>,
}

impl Run {
    /// What the handler will see of its job.
    pub fn context(&self) -> &JobContext {
        &self.context
    }

    /// What is known of the job's kind.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// The stored args, with their header.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The job's parents with what they left for it; none where the handler takes nothing from them.
    pub(crate) fn inputs(&self) -> &[Input] {
        self.inputs.as_deref().unwrap_or_default()
    }
}
