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
}

impl Topic {
    pub(crate) const ALL: [Self; 2] = [Self::Totals, Self::Servers];

    /// Its word in the stream and in the pages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Totals => "totals",
            Self::Servers => "servers",
        }
    }
}

/// A part with an id of its own, which is exchanged for the same part of the same page when one of the topics has changed.
pub(crate) fn region(visit: &Visit, id: &'static str, topics: &[Topic], content: Markup) -> Markup {
    let triggers: Vec<_> = topics.iter().map(|topic| format!("live:{} from:body throttle:3s", topic.word())).collect();
    html! {
        div id=(id) hx-get=(visit.base.to(&visit.here)) hx-trigger=(triggers.join(", ")) hx-select={ "#" (id) } hx-swap="outerMorph" {
            (content)
        }
    }
}
