//! Large flows: jobs of one kind that stand side by side become one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Arrow, Graph, Step, What, layout};

/// Flows with more steps than this are folded.
const MOST_STEPS: usize = 40;
/// So many jobs that are alike become one.
const FEWEST: usize = 4;

/// What jobs have in common that become one: their layer, the batch that they are in, and their kind if the visitor sees it.
type Alike = (usize, Option<usize>, Option<String>);

/// The graph, with what is alike as one if it is large.
pub(super) fn folded(graph: Graph) -> Graph {
    if graph.steps.len() <= MOST_STEPS {
        return graph;
    }
    let layers = layout::layers_of(graph.steps.len(), &graph.pairs(), &graph.hints());
    let mut alike: BTreeMap<Alike, Vec<usize>> = BTreeMap::new();
    for (place, (step, layer)) in graph.steps.iter().zip(layers).enumerate() {
        let kind = match &step.what {
            What::Job { kind, .. } if !step.is_here => Some(kind.clone()),
            What::Hidden { is_batch: false } => None,
            _ => continue,
        };
        alike.entry((layer, step.within, kind)).or_default().push(place);
    }
    let groups = alike.into_values().filter(|places| places.len() >= FEWEST);
    // Each group by its first, where the one box is shown.
    let first: HashMap<usize, Vec<usize>> = groups.map(|places| (places[0], places)).collect();
    if first.is_empty() {
        return graph;
    }
    let mut of = (0..graph.steps.len()).collect::<Vec<_>>();
    for places in first.values() {
        places.iter().for_each(|place| of[*place] = places[0]);
    }
    let mut moved = vec![None; graph.steps.len()];
    let mut steps = Vec::new();
    for (place, step) in graph.steps.iter().enumerate().filter(|(place, _)| of[*place] == *place) {
        moved[place] = Some(steps.len());
        let what = first.get(&place).map(|places| many(&graph, places));
        steps.push(Step { what: what.unwrap_or_else(|| step.what.clone()), ..step.clone() });
    }
    // A batch is never folded, so that it has a place.
    let steps = steps.into_iter().map(|step| Step { within: step.within.and_then(|batch| moved[batch]), ..step });
    let mut known = HashSet::new();
    let arrows = graph.arrows.iter().filter_map(|arrow| {
        let (parent, child) = (moved[of[arrow.parent]]?, moved[of[arrow.child]]?);
        let is_new = parent != child && known.insert((parent, child, arrow.condition));
        is_new.then_some(Arrow { parent, child, condition: arrow.condition })
    });
    Graph { steps: steps.collect(), arrows: arrows.collect(), is_part: graph.is_part, is_folded: true }
}

fn many(graph: &Graph, places: &[usize]) -> What {
    let (mut kind, mut states) = (None, Vec::new());
    for place in places {
        if let What::Job { kind: of, state, .. } = &graph.steps[*place].what {
            kind = Some(of.clone());
            match states.iter_mut().find(|(known, _)| known == state) {
                Some((_, jobs)) => *jobs += 1,
                None => states.push((*state, 1)),
            }
        }
    }
    What::Many { kind, jobs: crate::live::length(places.len()), states }
}
