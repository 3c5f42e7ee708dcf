//! A stored flow as a drawing, and as a table that says the same.

mod draw;
mod fold;
mod layout;
mod seen;
mod table;

#[cfg(test)]
mod tests;

use jobs_runtime::{
    BatchId, FlowView, JobId, State,
    flow::{BatchState, Condition, Counts, NodeId},
};
use maud::{Markup, html};

use super::{
    batches,
    jobs::Query,
    part::{self, Icon, Tone, line},
};
use crate::{
    live::length,
    web::{Link, Visit},
};

/// So many arrows are shown.
const MOST_ARROWS: usize = 600;

/// A flow as far as one visitor sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Graph {
    pub(crate) steps: Vec<Step>,
    /// What waits for what, by places among the steps.
    pub(crate) arrows: Vec<Arrow>,
    /// There is more than is shown.
    pub(crate) is_part: bool,
    /// Steps that are alike are shown as one.
    pub(crate) is_folded: bool,
}

/// A box of the drawing, and a row of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) what: What,
    /// The place of the batch that it is a member of.
    pub(crate) within: Option<usize>,
    /// The page is about it.
    pub(crate) is_here: bool,
}

/// What a step is, as far as the visitor sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Job {
        id: JobId,
        kind: String,
        state: State,
    },
    Batch {
        id: BatchId,
        description: String,
        state: BatchState,
        counts: Counts,
    },
    /// Jobs of one kind that stand side by side; those without a kind are in queues that the visitor does not see.
    Many {
        kind: Option<String>,
        jobs: i64,
        states: Vec<(State, i64)>,
    },
    /// Its retention has ended.
    Removed(NodeId),
    /// In a queue that the visitor does not see.
    Hidden {
        is_batch: bool,
    },
}

/// One step waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) parent: usize,
    pub(crate) child: usize,
    pub(crate) condition: Condition,
}

impl Graph {
    /// What the visitor sees of a stored flow, on the page of one of its steps.
    pub(crate) fn of(visit: &Visit, here: NodeId, view: &FlowView) -> Self {
        let mut graph = fold::folded(seen::seen(&visit.gate, here, view));
        graph.is_part |= graph.arrows.len() > MOST_ARROWS;
        graph.arrows.truncate(MOST_ARROWS);
        graph
    }

    fn pairs(&self) -> Vec<(usize, usize)> {
        self.arrows.iter().map(|arrow| (arrow.parent, arrow.child)).collect()
    }

    /// What is below what without an arrow: members are below their batch, and what waits for it is below them.
    fn hints(&self) -> Vec<(usize, usize)> {
        let members = self.steps.iter().enumerate().filter_map(|(place, step)| Some((step.within?, place)));
        let mut hints: Vec<_> = members.collect();
        for index in 0..hints.len() {
            let (batch, member) = hints[index];
            let after = self.arrows.iter().filter(|arrow| arrow.parent == batch && arrow.child != member);
            hints.extend(after.map(|arrow| (member, arrow.child)));
        }
        hints
    }
}

/// The panel; nothing where a step stands alone.
pub(crate) fn html(visit: &Visit, graph: &Graph) -> Markup {
    let text = &visit.text().flow;
    if graph.steps.len() < 2 {
        return html! {};
    }
    html! {
        section.panel aria-labelledby="flow-title" {
            header { h2 #flow-title { (text.title) } }
            div.body {
                @if graph.is_part { p.muted { (text.part) } }
                @if graph.is_folded { p.muted { (text.folded) } }
                @if !visit.gate.sees_every_queue() { p.muted { (text.hidden_how) } }
                (draw::html(visit, graph))
                p.small.muted { (text.legend) }
            }
            (table::html(visit, graph))
        }
    }
}

/// How a step is shown: the same in the drawing and in the table.
struct Looks {
    name: String,
    state: Option<String>,
    class: &'static str,
    icon: Icon,
    link: Option<Link>,
}

impl Step {
    fn looks(&self, visit: &Visit) -> Looks {
        let (text, lang) = (&visit.text().flow, visit.lang);
        match &self.what {
            What::Job { id, kind, state } => Looks {
                name: line(kind),
                state: Some((visit.text().part.state)(*state).to_owned()),
                class: part::class(*state),
                icon: Icon::of(*state),
                link: Some(visit.base.to("/jobs").segment(&id.to_string())),
            },
            What::Batch { id, description, state, counts } => {
                let (tone, icon) = batches::looks(*state);
                let word = (visit.text().batches.state)(*state);
                let done = (visit.text().batches.members)(counts.total - counts.pending, counts.total);
                Looks {
                    name: (text.batch)(&line(description)),
                    state: Some(format!("{word}, {done}")),
                    class: tone.class(),
                    icon,
                    link: Some(visit.base.to("/batches").segment(&id.to_string())),
                }
            }
            What::Many { kind: Some(kind), jobs, states } => {
                let of = |wanted: &dyn Fn(State) -> bool| {
                    states.iter().filter(|(state, _)| wanted(*state)).map(|(_, jobs)| jobs).sum::<i64>()
                };
                let done = lang.percent(of(&State::is_final), *jobs);
                let state = worst(states);
                let query = Query { kinds: vec![kind.clone()], ..Query::of(state) };
                Looks {
                    name: format!("{} \u{d7} {}", line(kind), lang.count(*jobs)),
                    state: Some((text.done)(&done, of(&|state| state == State::Failed))),
                    class: part::class(state),
                    icon: Icon::of(state),
                    link: Some(query.link(&visit.base)),
                }
            }
            What::Many { kind: None, jobs, .. } => {
                Looks { name: format!("{} \u{d7} {}", visit.text().job.a_job, lang.count(*jobs)), ..unknown(None) }
            }
            What::Removed(id) => Looks { name: id_of(visit, *id), ..unknown(Some(text.removed)) },
            What::Hidden { is_batch } => {
                let name = if *is_batch { visit.text().job.a_batch } else { visit.text().job.a_job };
                Looks { name: name.to_owned(), ..unknown(None) }
            }
        }
    }
}

fn unknown(state: Option<&'static str>) -> Looks {
    let class = Tone::Dim.class();
    Looks { name: String::new(), state: state.map(str::to_owned), class, icon: Icon::Kind, link: None }
}

fn id_of(visit: &Visit, id: NodeId) -> String {
    match id {
        NodeId::Job(id) => format!("{} {id}", visit.text().job.a_job),
        NodeId::Batch(id) => format!("{} {id}", visit.text().job.a_batch),
    }
}

/// The state of several jobs that needs attention most.
fn worst(states: &[(State, i64)]) -> State {
    const ORDER: [State; 7] = [
        State::Failed,
        State::Processing,
        State::Enqueued,
        State::Scheduled,
        State::Awaiting,
        State::Deleted,
        State::Succeeded,
    ];
    let is_there = |wanted: &State| states.iter().any(|(state, jobs)| state == wanted && *jobs > 0);
    ORDER.into_iter().find(is_there).unwrap_or(State::Awaiting)
}

/// The number by which a step is known in the drawing and in the table.
fn number(place: usize) -> i64 {
    length(place + 1)
}
