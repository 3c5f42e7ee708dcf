//! The storage of operators' acts over any engine: which write or read each call is.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    audit, deed,
    engine::{Backend, Engine},
};
use crate::{
    error::Result,
    storage::{Acted, AuditFilter, AuditRecord, AuditStorage, Deed, Signature},
};

#[async_trait]
impl<B: Backend> AuditStorage for Engine<B> {
    async fn act(&self, deed: Deed, by: Signature) -> Result<Acted> {
        let act = Arc::new((deed, by));
        self.0
            .write("carrying out an operator's act", move |write| {
                let act = Arc::clone(&act);
                async move { deed::act(write, &act.0, &act.1).await }.boxed()
            })
            .await
    }

    async fn audit_list(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>> {
        self.0
            .read("listing operators' acts", move |read| async move { audit::list(read, &filter).await }.boxed())
            .await
    }
}
