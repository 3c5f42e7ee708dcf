//! The drawing: SVG by attributes and classes alone, so that it needs neither a script nor a style of its own.

use std::fmt::Write;

use jobs_runtime::flow::Condition;
use maud::{Markup, html};

use super::{
    Graph, Looks, Step,
    layout::{self, BOX},
    number,
};
use crate::web::Visit;

/// The room beside the words of a box, and what is left for them.
const PAD: i32 = 10;
const INNER: i32 = BOX.0 - 2 * PAD;
/// So many narrow letters fit into a line of a box, and beside the icon.
const LETTERS: usize = 22;
const WORDS: usize = 23;

/// The graph in a box of its own, which scrolls.
pub(super) fn html(visit: &Visit, graph: &Graph) -> Markup {
    let text = &visit.text().flow;
    let drawn = layout::layout(graph.steps.len(), &lines(graph), &graph.hints());
    let label = (text.label)(crate::live::length(graph.steps.len()));
    html! {
        div.scroll.graph tabindex="0" role="group" aria-label=(text.drawing) {
            svg.flow role="list" aria-label=(label) width=(drawn.width) height=(drawn.height)
                viewBox={ "0 0 " (drawn.width) " " (drawn.height) } {
                defs aria-hidden="true" {
                    marker #flow-head viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto" {
                        path d="M0 0 8 4 0 8z" {}
                    }
                }
                g aria-hidden="true" {
                    @for (arrow, line) in graph.arrows.iter().zip(&drawn.lines) {
                        path.wire.(class(arrow.condition)) d=(path(line)) marker-end="url(#flow-head)" {
                            title {
                                (number(arrow.parent)) " \u{2192} " (number(arrow.child)) ": " ((text.condition)(arrow.condition))
                            }
                        }
                    }
                    @for line in &drawn.lines[graph.arrows.len()..] { path.wire.holds d=(path(line)) {} }
                    // After the lines, so that none goes through a word.
                    @for (arrow, line) in graph.arrows.iter().zip(&drawn.lines).filter(|(arrow, _)| arrow.condition != Condition::Success) {
                        @if let [.., (x1, y1), (x2, y2)] = line[..] {
                            text.wired x=(x1.midpoint(x2)) y=(y1.midpoint(y2) + 4) text-anchor="middle" { ((text.condition)(arrow.condition)) }
                        }
                    }
                }
                @for (place, (step, at)) in graph.steps.iter().zip(&drawn.boxes).enumerate() { (step_box(visit, place, step, *at)) }
            }
        }
    }
}

/// The arrows, and behind them the lines from batches to those members that wait for no other member.
fn lines(graph: &Graph) -> Vec<(usize, usize)> {
    let mut lines = graph.pairs();
    let waits = |place: usize, batch: usize| {
        let parents = graph.arrows.iter().filter(|arrow| arrow.child == place);
        parents.map(|arrow| graph.steps[arrow.parent].within).any(|within| within == Some(batch))
    };
    let members = graph.steps.iter().enumerate().filter_map(|(place, step)| Some((step.within?, place)));
    lines.extend(members.filter(|(batch, place)| !waits(*place, *batch)));
    lines
}

fn class(condition: Condition) -> &'static str {
    match condition {
        Condition::Success => "on-success",
        Condition::Failure => "on-failure",
        Condition::Deleted => "on-deletion",
        _ => "on-end",
    }
}

fn path(line: &[(i32, i32)]) -> String {
    let mut path = String::new();
    for (index, (x, y)) in line.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = match index.checked_sub(1).map(|before| line[before]) {
            None => write!(path, "M{x} {y}"),
            Some((from, above)) if index % 2 == 1 => {
                let middle = above.midpoint(*y);
                write!(path, "C{from} {middle} {x} {middle} {x} {y}")
            }
            Some(_) => write!(path, "V{y}"),
        };
    }
    path
}

fn step_box(visit: &Visit, place: usize, step: &Step, (x, y): (i32, i32)) -> Markup {
    let looks = step.looks(visit);
    html! {
        g.step.(looks.class).here[step.is_here] role="listitem" {
            @match &looks.link {
                Some(link) => a href=(link) aria-current=[step.is_here.then_some("page")] { (inside(place, &looks, x, y)) },
                None => (inside(place, &looks, x, y)),
            }
        }
    }
}

/// What a box holds. The inner `svg` cuts off what letters that are wider than others take.
fn inside(place: usize, looks: &Looks, x: i32, y: i32) -> Markup {
    let number = number(place).to_string();
    let name = fitted(&looks.name, LETTERS - number.len() - 2);
    html! {
        title { (number) ". " (looks.name) @if let Some(state) = &looks.state { ": " (state) } }
        rect x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx="7" {}
        svg x=(x + PAD) y=(y) width=(INNER) height=(BOX.1) {
            text.name y="21" { (number) ". " (name) }
            (looks.icon.at(0, 30, 13))
            @if let Some(state) = &looks.state { text.state x="18" y="41" { (fitted(state, WORDS)) } }
        }
    }
}

/// As much of a text as fits. Of a path its end is kept, which tells more.
fn fitted(text: &str, most: usize) -> String {
    // Letters of East Asia, and pictures, are about twice as wide.
    let width = |letter: char| if u32::from(letter) < 0x1100 { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let mut take = |letter: &char| {
        let rest = left.checked_sub(width(*letter));
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    match text.contains("::") {
        true => {
            let end: Vec<_> = text.chars().rev().take_while(&mut take).collect();
            let end: String = end.into_iter().rev().collect();
            // Its last names whole, if they are not too long.
            let end = end.trim_start_matches(':');
            let is_whole = text.strip_suffix(end).is_some_and(|start| start.ends_with("::"));
            let names = end.split_once("::").filter(|_| !is_whole).map_or(end, |(_, names)| names);
            format!("\u{2026}{names}")
        }
        false => text.chars().take_while(take).chain(['\u{2026}']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_their_box() {
        for (text, expected) in [
            ("mail", "mail"),
            ("shop::orders::mail::send", "\u{2026}orders::mail::send"),
            ("shop::reorders::mail::send", "\u{2026}mail::send"),
            ("shop::orders_of_the_whole_year", "\u{2026}s_of_the_whole_year"),
            ("invite everybody in town", "invite everybody in\u{2026}"),
            ("招待状を全員に送る", "招待状を全員に送る"),
            ("招待状を全員に送るジョブ", "招待状を全員に送る\u{2026}"),
        ] {
            assert_eq!(fitted(text, 20), expected);
        }
    }

    #[test]
    fn a_line_curves_between_layers_and_is_straight_within() {
        assert_eq!(path(&[]), "");
        assert_eq!(path(&[(10, 0), (30, 20), (30, 40), (10, 60)]), "M10 0C10 10 30 10 30 20V40C30 50 10 50 10 60");
    }
}
