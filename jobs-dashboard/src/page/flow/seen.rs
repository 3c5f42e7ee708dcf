//! What a visitor sees of a flow. Of jobs in queues that they do not see they learn no more than that something they do see waits for a
//! job, or a job for it.

use std::collections::HashMap;

use jobs_runtime::{FlowStep, FlowView, StepKind, flow::NodeId};

use super::{Arrow, Graph, Step, What};
use crate::gate::Gate;

/// The flow as the visitor sees it, not folded.
pub(super) fn seen(gate: &Gate, here: NodeId, view: &FlowView) -> Graph {
    let whats: Vec<_> = view.steps().iter().map(|step| what(gate, step)).collect();
    let places: HashMap<NodeId, usize> =
        view.steps().iter().enumerate().map(|(place, step)| (step.id, place)).collect();
    let within: Vec<_> = view.steps().iter().map(|step| places.get(&step.batch?.into()).copied()).collect();
    let arrows: Vec<_> = view
        .edges()
        .iter()
        .filter_map(|edge| {
            let (parent, child) = (*places.get(&edge.parent)?, *places.get(&edge.child)?);
            Some(Arrow { parent, child, condition: edge.condition })
        })
        .collect();
    let steps = whats.into_iter().zip(within).zip(view.steps());
    let steps = steps.map(|((what, within), step)| Step { what, within, is_here: step.id == here }).collect();
    // To who does not see all, how much there is beyond what is shown would tell of other queues.
    let is_part = !view.is_whole() && gate.sees_every_queue();
    without_hidden(Graph { steps, arrows, is_part, is_folded: false })
}

fn what(gate: &Gate, step: &FlowStep) -> What {
    match (&step.what, step.id) {
        (StepKind::Job { kind, queue, state }, NodeId::Job(id)) if gate.sees(queue) => {
            What::Job { id, kind: kind.clone(), state: *state }
        }
        (StepKind::Batch { description, state, counts }, NodeId::Batch(id)) if gate.sees_all() => {
            What::Batch { id, description: description.clone(), state: *state, counts: *counts }
        }
        (StepKind::Removed, id) if gate.sees_every_queue() => What::Removed(id),
        (_, id) => What::Hidden { is_batch: matches!(id, NodeId::Batch(_)) },
    }
}

/// Leaves out what a hidden step has to do with other hidden ones, and what then hangs together with the page's step no more.
fn without_hidden(graph: Graph) -> Graph {
    let is_hidden: Vec<_> = graph.steps.iter().map(|step| matches!(step.what, What::Hidden { .. })).collect();
    if !is_hidden.contains(&true) {
        return graph;
    }
    let is_told = |one: usize, other: usize| !is_hidden[one] || !is_hidden[other];
    let arrows = graph.arrows.iter().filter(|arrow| is_told(arrow.parent, arrow.child));
    let arrows: Vec<_> = arrows.copied().collect();
    let within = |place: usize| graph.steps[place].within.filter(|batch| is_told(place, *batch));
    let mut near = vec![Vec::new(); graph.steps.len()];
    let inside = (0..graph.steps.len()).filter_map(|place| Some((place, within(place)?)));
    for (one, other) in arrows.iter().map(|arrow| (arrow.parent, arrow.child)).chain(inside) {
        near[one].push(other);
        near[other].push(one);
    }
    let mut is_kept: Vec<_> = graph.steps.iter().map(|step| step.is_here).collect();
    let mut left: Vec<_> = (0..is_kept.len()).filter(|place| is_kept[*place]).collect();
    while let Some(place) = left.pop() {
        for &next in
            near[place].iter().filter(|next| !std::mem::replace(&mut is_kept[**next], true)).collect::<Vec<_>>()
        {
            left.push(next);
        }
    }
    let mut kept = is_kept.iter().scan(0, |next, is_kept| {
        let place = *next;
        *next += usize::from(*is_kept);
        Some(is_kept.then_some(place))
    });
    let moved: Vec<_> = kept.by_ref().collect();
    let steps = graph.steps.iter().enumerate().filter(|(place, _)| is_kept[*place]);
    let steps =
        steps.map(|(place, step)| Step { within: within(place).and_then(|batch| moved[batch]), ..step.clone() });
    let arrows = arrows.iter().filter_map(|arrow| {
        Some(Arrow { parent: moved[arrow.parent]?, child: moved[arrow.child]?, condition: arrow.condition })
    });
    Graph { steps: steps.collect(), arrows: arrows.collect(), ..graph }
}
