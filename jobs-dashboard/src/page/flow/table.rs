//! The same flow as a table, for who does not see the drawing or cannot point.

use maud::{Markup, html};

use super::{Arrow, Graph, Looks, number};
use crate::{
    page::part::{Column, Table},
    web::Visit,
};

pub(super) fn html(visit: &Visit, graph: &Graph) -> Markup {
    let text = &visit.text().flow;
    let columns = [
        Column::words(text.step),
        Column::words(visit.text().batches.status),
        Column::words(text.waits_for),
        Column::words(visit.text().job.condition),
    ];
    let looks: Vec<_> = graph.steps.iter().map(|step| step.looks(visit)).collect();
    let mut table = Table::new(&columns).caption(html! { (text.table) });
    for (place, (step, shown)) in graph.steps.iter().zip(&looks).enumerate() {
        let waits: Vec<&Arrow> = graph.arrows.iter().filter(|arrow| arrow.child == place).collect();
        table.row([
            html! {
                (number(place)) ". "
                @match &shown.link {
                    Some(link) => a href=(link) aria-current=[step.is_here.then_some("page")] { bdi { (shown.name) } },
                    None => bdi { (shown.name) },
                }
                @if let Some(batch) = step.within { div.small.muted { ((text.within)(&named(batch, &looks))) } }
            },
            html! {
                @match &shown.state {
                    Some(state) => span.badge.(shown.class) { (shown.icon) (state) },
                    None => span.muted { "\u{2013}" },
                }
            },
            html! { @if !waits.is_empty() { ul { @for arrow in &waits { li { (named(arrow.parent, &looks)) } } } } },
            html! {
                @if !waits.is_empty() {
                    ul {
                        @for arrow in &waits {
                            li { @if waits.len() > 1 { (number(arrow.parent)) ": " } ((text.condition)(arrow.condition)) }
                        }
                    }
                }
            },
        ]);
    }
    table.html()
}

fn named(place: usize, looks: &[Looks]) -> String {
    format!("{}. {}", number(place), looks[place].name)
}
