//! A job or a batch that another job has to do with.

use jobs_runtime::flow::NodeId;
use maud::{Markup, html};

use crate::web::Visit;

/// A job or a batch, with a link.
pub(super) fn node(visit: &Visit, node: NodeId) -> Markup {
    let text = &visit.text().job;
    if !visit.gate.sees_every_queue() {
        // It may be in a queue that the visitor does not see.
        return html! { (match node { NodeId::Job(_) => text.a_job, NodeId::Batch(_) => text.a_batch }) };
    }
    match node {
        NodeId::Job(id) => html! { (text.a_job) " " a href=(visit.base.to("/jobs").segment(&id.to_string())) { (id) } },
        NodeId::Batch(id) => {
            html! { (text.a_batch) " " a href=(visit.base.to("/batches").segment(&id.to_string())) { (id) } }
        }
    }
}
