//! What a job waits for, and what waits for it.

use jobs_runtime::{
    JobId,
    flow::{Ending, NodeId},
    storage::EdgeRecord,
};
use maud::{Markup, html};

use super::why;
use crate::{
    page::part::{Column, Table},
    web::Visit,
};

/// So many are shown in each direction.
const MOST: usize = 50;

/// The two tables; nothing where there is neither.
pub(super) fn html(visit: &Visit, job: JobId, edges: &[EdgeRecord]) -> Markup {
    let text = &visit.text().job;
    let this = NodeId::Job(job);
    html! {
        (table(visit, text.parents, edges.iter().filter(|edge| edge.child == this).map(|edge| (edge.parent, edge))))
        (table(visit, text.children, edges.iter().filter(|edge| edge.parent == this).map(|edge| (edge.child, edge))))
    }
}

fn table<'e>(visit: &Visit, title: &'static str, edges: impl Iterator<Item = (NodeId, &'e EdgeRecord)>) -> Markup {
    let text = &visit.text().job;
    let columns = [Column::words(title), Column::words(text.condition), Column::words(text.ending)];
    let mut table = Table::new(&columns);
    for (other, edge) in edges.take(MOST) {
        table.row([
            node(visit, other),
            html! { (why::condition(visit, edge.condition)) },
            html! {
                @match edge.ending.filter(|_| visit.gate.sees_every_queue()) {
                    Some(ending) => ((visit.text().part.state)(state(ending))),
                    None => span.muted { (text.open) },
                }
            },
        ]);
    }
    html! { @if !table.is_empty() { section.panel { (table.html()) } } }
}

fn state(ending: Ending) -> jobs_runtime::State {
    match ending {
        Ending::Succeeded => jobs_runtime::State::Succeeded,
        Ending::Failed => jobs_runtime::State::Failed,
        _ => jobs_runtime::State::Deleted,
    }
}

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
