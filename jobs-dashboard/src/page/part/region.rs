//! A part of a page that keeps up with the database.

use maud::{Markup, html};

use crate::web::Visit;

/// What has changed when the part is asked for anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// How many jobs are in which state.
    Totals,
    /// Which servers there are, and what they do.
    Servers,
    /// Anything of that.
    Any,
}

impl Topic {
    /// Those that the stream tells apart, in the order of its versions.
    pub(crate) const TOLD: [Self; 2] = [Self::Totals, Self::Servers];

    /// Its word in the stream and in the pages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Totals => "totals",
            Self::Servers => "servers",
            Self::Any => "any",
        }
    }
}

/// A part with an id of its own, which [`updates`] exchanges.
pub(crate) fn region(id: &'static str, content: Markup) -> Markup {
    html! { div id=(id) { (content) } }
}

/// Asks for the page anew when the topic has changed, at most once in three seconds, and exchanges these regions. It shows nothing,
/// and a page has one.
pub(crate) fn updates(visit: &Visit, topic: Topic, regions: &[&'static str]) -> Markup {
    let regions: Vec<_> = regions.iter().map(|id| format!("#{id}:outerMorph")).collect();
    html! {
        div hidden hx-get=(visit.base.to(&visit.here)) hx-trigger={ "live:" (topic.word()) " from:body throttle:3s" } hx-swap="none"
            hx-select-oob=(regions.join(",")) {}
    }
}
