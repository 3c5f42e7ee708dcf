//! Flows as text and as Mermaid flowcharts.

use std::{collections::HashMap, fmt::Write};

use super::plan::{Members, Plan, What};
use crate::flow::{Condition, NodeId, Rule};

/// The longest label, in characters.
const LABEL_LIMIT: usize = 120;

/// The steps of a flow as they are shown, each batch before its members.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Drawing {
    pub(in crate::client) nodes: Vec<Node>,
    pub(in crate::client) arrows: Vec<Arrow>,
}

#[derive(Clone, Debug)]
pub(in crate::client) struct Node {
    /// `None` for members that are not known yet.
    pub(in crate::client) id: Option<NodeId>,
    pub(in crate::client) label: String,
    /// Where it stands, if it is stored.
    pub(in crate::client) state: Option<String>,
    /// The batch that it is a member of.
    pub(in crate::client) inside: Option<NodeId>,
}

#[derive(Clone, Debug)]
pub(in crate::client) struct Arrow {
    pub(in crate::client) parent: NodeId,
    pub(in crate::client) child: NodeId,
    pub(in crate::client) condition: Condition,
    /// Whether the child waits for all its parents or for one, where that is known.
    pub(in crate::client) rule: Option<Rule>,
}

impl Drawing {
    /// A flow that is not stored yet.
    pub(in crate::client) fn of(plan: &Plan) -> Self {
        let mut drawing = Self::default();
        drawing.add(plan, None);
        drawing.add_outside();
        drawing
    }

    fn add(&mut self, plan: &Plan, inside: Option<NodeId>) {
        for step in &plan.steps {
            let node = step.node();
            let label = match &step.what {
                What::Job(step) => format!("job {}", step.job.kind),
                What::Batch(step) => format!("batch \"{}\"", step.batch.description),
            };
            self.nodes.push(Node { id: Some(node), label, state: None, inside });
            let (rule, parents) = step.after.drawn(step.takes());
            let arrows = parents.into_iter().map(|(parent, condition)| Arrow {
                parent,
                child: node,
                condition,
                rule: Some(rule),
            });
            self.arrows.extend(arrows);
            let What::Batch(step) = &step.what else { continue };
            for members in &step.members {
                match members {
                    Members::Here(plan) => self.add(plan, Some(node)),
                    Members::Lazy(plans) => {
                        let label = match plans.size_hint() {
                            (_, Some(0)) => continue,
                            (least, Some(most)) if least == most => format!("{most} more"),
                            (0, _) => "more".to_owned(),
                            (least, _) => format!("{least} more, or still more"),
                        };
                        self.nodes.push(Node { id: None, label, state: None, inside: Some(node) });
                    }
                }
            }
        }
    }

    /// What is waited for and is no step itself stands first.
    pub(in crate::client) fn add_outside(&mut self) {
        let mut known = self.places();
        let mut outside = Vec::new();
        for arrow in &self.arrows {
            if known.insert(arrow.parent, 0).is_none() {
                outside.push(Node {
                    id: Some(arrow.parent),
                    label: arrow.parent.to_string(),
                    state: None,
                    inside: None,
                });
            }
        }
        self.nodes.splice(0..0, outside);
    }

    fn places(&self) -> HashMap<NodeId, usize> {
        self.nodes.iter().enumerate().filter_map(|(place, node)| Some((node.id?, place))).collect()
    }

    /// A numbered list.
    pub(in crate::client) fn to_text(&self) -> String {
        let places = self.places();
        let mut text = String::new();
        for (place, node) in self.nodes.iter().enumerate() {
            let depth = self.depth(node, &places);
            let label = shown(&node.label);
            // Writing to a text cannot fail.
            let _ = write!(text, "{:indent$}{}. {label}", "", place + 1, indent = depth * 3);
            if let Some(state) = &node.state {
                let _ = write!(text, ": {}", shown(state));
            }
            let arrows = self.arrows.iter().filter(|arrow| Some(arrow.child) == node.id).collect::<Vec<_>>();
            let parents = arrows.iter().filter_map(|arrow| {
                let number = places.get(&arrow.parent)? + 1;
                Some(match arrow.condition {
                    Condition::Success => number.to_string(),
                    other => format!("{number} ({})", other.as_str()),
                })
            });
            match (parents.collect::<Vec<_>>().as_slice(), arrows.first().and_then(|arrow| arrow.rule)) {
                ([], _) => {}
                ([one], _) => drop(write!(text, ", after {one}")),
                (several, Some(Rule::Any)) => drop(write!(text, ", after the first of {}", several.join(", "))),
                ([most @ .., last], Some(Rule::All)) => drop(write!(text, ", after {} and {last}", most.join(", "))),
                (several, None) => drop(write!(text, ", after {}", several.join(", "))),
            }
            text.push('\n');
        }
        text
    }

    /// A Mermaid flowchart: batches around their members, arrows with the condition where it is not success.
    pub(in crate::client) fn to_mermaid(&self) -> String {
        let places = self.places();
        let mut text = "flowchart TD\n".to_owned();
        let roots = (0..self.nodes.len()).filter(|place| self.around(&self.nodes[*place], &places).is_none());
        for place in roots {
            self.box_(place, &places, 1, &mut text);
        }
        for arrow in &self.arrows {
            let (Some(parent), Some(child)) = (places.get(&arrow.parent), places.get(&arrow.child)) else { continue };
            let word = match (arrow.condition, arrow.rule) {
                (Condition::Success, Some(Rule::Any)) => "|first|".to_owned(),
                (other, Some(Rule::Any)) => format!("|first {}|", other.as_str()),
                (Condition::Success, _) => String::new(),
                (other, _) => format!("|{}|", other.as_str()),
            };
            let _ = writeln!(text, "    n{} -->{word} n{}", parent + 1, child + 1);
        }
        text
    }

    fn box_(&self, place: usize, places: &HashMap<NodeId, usize>, depth: usize, text: &mut String) {
        let node = &self.nodes[place];
        let state = node.state.as_ref().map(|state| format!(": {}", escaped(state))).unwrap_or_default();
        let label = format!("{}{state}", escaped(&node.label));
        let (indent, number) = (depth * 4, place + 1);
        let members = (0..self.nodes.len()).filter(|other| self.around(&self.nodes[*other], places) == Some(place));
        let members = members.collect::<Vec<_>>();
        if members.is_empty() {
            let _ = writeln!(text, "{:indent$}n{number}[\"{label}\"]", "");
            return;
        }
        let _ = writeln!(text, "{:indent$}subgraph n{number}[\"{label}\"]", "");
        for member in members {
            self.box_(member, places, depth + 1, text);
        }
        let _ = writeln!(text, "{:indent$}end", "");
    }

    fn around(&self, node: &Node, places: &HashMap<NodeId, usize>) -> Option<usize> {
        node.inside.and_then(|batch| places.get(&batch)).copied()
    }

    fn depth(&self, node: &Node, places: &HashMap<NodeId, usize>) -> usize {
        let mut depth = 0;
        let mut around = self.around(node, places);
        // What is stored could be wrong, and must not keep us here.
        while let Some(place) = around.filter(|_| depth < self.nodes.len()) {
            (depth, around) = (depth + 1, self.around(&self.nodes[place], places));
        }
        depth
    }
}

/// A label of one line that cannot change how the rest is shown.
fn shown(label: &str) -> String {
    let mut text = label.chars().map(|letter| if is_shown(letter) { letter } else { '\u{fffd}' });
    let mut cut = text.by_ref().take(LABEL_LIMIT).collect::<String>();
    if text.next().is_some() {
        cut.push('…');
    }
    cut
}

/// Control characters, and those that turn the direction of what follows or are not seen.
fn is_shown(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A label inside of a Mermaid text: whatever could mean something there, or in the page around it, by its number.
fn escaped(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for letter in shown(label).chars() {
        if letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | ',' | ':' | '/' | '…' | '\u{fffd}') {
            text.push(letter);
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchId, JobId};

    fn node(id: impl Into<NodeId>, label: &str, inside: Option<NodeId>) -> Node {
        Node { id: Some(id.into()), label: label.to_owned(), state: None, inside }
    }

    fn arrow(parent: impl Into<NodeId>, child: impl Into<NodeId>, condition: Condition, rule: Rule) -> Arrow {
        Arrow { parent: parent.into(), child: child.into(), condition, rule: Some(rule) }
    }

    fn campaign() -> Drawing {
        let (first, batch, member, last, outside) =
            (JobId::new(), BatchId::new(), JobId::new(), JobId::new(), JobId::from_bytes([0; 16]));
        let mut nodes = vec![
            node(first, "job list", None),
            node(batch, "batch \"spring\"", None),
            node(member, "job mail", Some(batch.into())),
            node(last, "job report", None),
        ];
        nodes[1].state = Some("started".to_owned());
        let arrows = vec![
            arrow(first, batch, Condition::Success, Rule::All),
            arrow(first, last, Condition::Success, Rule::All),
            arrow(batch, last, Condition::Finished, Rule::All),
            arrow(outside, last, Condition::Failure, Rule::All),
        ];
        let mut drawing = Drawing { nodes, arrows };
        drawing.add_outside();
        drawing
    }

    #[test]
    fn a_text_numbers_the_steps_and_says_what_they_wait_for() {
        assert_eq!(
            campaign().to_text(),
            "1. job 00000000-0000-0000-0000-000000000000\n\
             2. job list\n\
             3. batch \"spring\": started, after 2\n   \
                4. job mail\n\
             5. job report, after 2, 3 (finished) and 1 (failure)\n"
        );
    }

    #[test]
    fn a_flowchart_draws_batches_around_their_members() {
        assert_eq!(
            campaign().to_mermaid(),
            "flowchart TD\n    \
                n1[\"job 00000000-0000-0000-0000-000000000000\"]\n    \
                n2[\"job list\"]\n    \
                subgraph n3[\"batch #34;spring#34;: started\"]\n        \
                    n4[\"job mail\"]\n    \
                end\n    \
                n5[\"job report\"]\n    \
                n2 --> n3\n    \
                n2 --> n5\n    \
                n3 -->|finished| n5\n    \
                n1 -->|failure| n5\n"
        );
    }

    #[test]
    fn no_label_breaks_out() {
        let hostile = "x\"]\nend\n%%{init: {}}%% click n1 <script>alert(1)</script> `a` #quot; \u{202e}txt \\ |--> a;b";
        let drawing = Drawing { nodes: vec![node(JobId::new(), hostile, None)], arrows: vec![] };
        let mermaid = drawing.to_mermaid();
        let lines = mermaid.lines().collect::<Vec<_>>();
        assert_eq!(lines.len(), 2, "{mermaid}");
        let label = lines[1].trim().strip_prefix("n1[\"").and_then(|rest| rest.strip_suffix("\"]")).expect("one label");
        let is_number = |entity: &str| !entity.is_empty() && entity.chars().all(|digit| digit.is_ascii_digit());
        for (at, letter) in label.char_indices() {
            assert!(!"\"[]{}<>|%`\\()\u{202e}".contains(letter), "{letter} in {label}");
            if letter == '#' {
                let entity = label[at + 1..].split(';').next().expect("a part");
                assert!(is_number(entity), "#{entity} in {label}");
            }
        }
        let text = drawing.to_text();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }

    #[test]
    fn labels_are_cut() {
        let drawing = Drawing { nodes: vec![node(JobId::new(), &"é".repeat(10_000), None)], arrows: vec![] };
        assert!(drawing.to_text().chars().count() < 140);
        assert!(drawing.to_mermaid().chars().count() < 160);
    }
}
