//! Icons, drawn once a page and used by reference.

use jobs_runtime::State;
use maud::{Markup, Render, html};

/// An icon. It says nothing to who does not see it: a word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Logo,
    Overview,
    Recurring,
    Retry,
    Server,
    Queue,
    Kind,
    Batch,
    Operation,
    Audit,
    System,
    Live,
    Sun,
    Moon,
    Screen,
    Good,
    Warn,
    Pause,
    Scheduled,
    Awaiting,
    Enqueued,
    Processing,
    Succeeded,
    Failed,
    Deleted,
}

/// Each on a field of 16 by 16.
const ALL: [(Icon, &str, &str); 25] = [
    (Icon::Logo, "logo", "M2 4.5 8 1.5l6 3v7l-6 3-6-3zM2 4.5l6 3 6-3M8 7.5v7"),
    (Icon::Overview, "overview", "M2 2h5v6H2zM9 2h5v3H9zM9 7h5v7H9zM2 10h5v4H2z"),
    (Icon::Recurring, "recurring", "M13.5 8A5.5 5.5 0 1 1 11.7 3.9M13.5 1.8v2.9h-2.9"),
    (Icon::Retry, "retry", "M2.5 8A5.5 5.5 0 0 1 12 4.2M13.5 8A5.5 5.5 0 0 1 4 11.8M12 1.5v2.9H9.1M4 14.5v-2.9h2.9"),
    (Icon::Server, "server", "M2 2.5h12v4.5H2zM2 9h12v4.5H2zM4.5 4.8h.01M4.5 11.2h.01M7 4.8h4.5M7 11.2h4.5"),
    (Icon::Queue, "queue", "M2 3.5h4v9H2zM8 3.5h2.5v9H8zM12.5 3.5H14v9h-1.5z"),
    (Icon::Kind, "kind", "M2.5 2.5h5l6 6-5 5-6-6zM5.4 5.4h.01"),
    (Icon::Batch, "batch", "M1.8 6h4v4h-4zM10.2 1.8h4v4h-4zM10.2 10.2h4v4h-4zM5.8 8h2.2M10.2 3.8H8v8.4h2.2"),
    (
        Icon::Operation,
        "operation",
        "M2.5 4l1.3 1.3L6 3M2.5 8.5l1.3 1.3L6 7.5M2.5 13l1.3 1.3L6 12M8 4.3h6M8 8.8h6M8 13.3h6",
    ),
    (Icon::Audit, "audit", "M3 1.8h7l3 3v9.4H3zM10 1.8v3h3M5.5 8h5M5.5 11h5"),
    (
        Icon::System,
        "system",
        "M2 4c0-1.4 2.7-2.3 6-2.3S14 2.6 14 4s-2.7 2.3-6 2.3S2 5.4 2 4zM2 4v8c0 1.4 2.7 2.3 6 2.3s6-.9 6-2.3V4M2 8c0 1.4 2.7 2.3 6 2.3S14 9.4 14 8",
    ),
    (
        Icon::Live,
        "live",
        "M8 7v2M8 6.9a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2M4.8 11.2a4.5 4.5 0 0 1 0-6.4M11.2 4.8a4.5 4.5 0 0 1 0 6.4",
    ),
    (
        Icon::Sun,
        "sun",
        "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3",
    ),
    (Icon::Moon, "moon", "M13.5 9.6A6 6 0 1 1 6.4 2.5a4.8 4.8 0 0 0 7.1 7.1z"),
    (Icon::Screen, "screen", "M1.5 2.5h13v8.5h-13zM5.5 14h5M8 11v3"),
    (Icon::Good, "good", "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M5 8.2l2.1 2.1L11 6.2"),
    (Icon::Warn, "warn", "M8 1.8 15 14H1zM8 6.3v3.4M8 11.9h.01"),
    (Icon::Pause, "pause", "M5.5 3v10M10.5 3v10"),
    (Icon::Scheduled, "scheduled", "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M8 4.5V8l2.3 1.6"),
    (
        Icon::Awaiting,
        "awaiting",
        "M4 1.5h8M4 14.5h8M5 1.5c0 4 6 4.5 6 6.5s-6 2.5-6 6.5M11 1.5c0 4-6 4.5-6 6.5s6 2.5 6 6.5",
    ),
    (Icon::Enqueued, "enqueued", "M2 4h12M2 8h12M2 12h8"),
    (Icon::Processing, "processing", "M4.5 2.5 13 8l-8.5 5.5z"),
    (Icon::Succeeded, "succeeded", "M2.5 8.5 6.3 12.3 13.5 4.5"),
    (Icon::Failed, "failed", "M3.5 3.5l9 9M12.5 3.5l-9 9"),
    (Icon::Deleted, "deleted", "M2.5 4h11M6 4V2h4v2M4 4l.7 10h6.6L12 4"),
];

impl Icon {
    /// The icon of a state.
    pub(crate) fn of(state: State) -> Self {
        match state {
            State::Scheduled => Self::Scheduled,
            State::Awaiting => Self::Awaiting,
            State::Enqueued => Self::Enqueued,
            State::Processing => Self::Processing,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Deleted => Self::Deleted,
        }
    }

    /// The icon within a drawing.
    pub(crate) fn at(self, x: i32, y: i32, size: i32) -> Markup {
        html! { use href={ "#i-" (self.name()) } x=(x) y=(y) width=(size) height=(size) {} }
    }

    fn name(self) -> &'static str {
        ALL.iter().find(|(icon, ..)| *icon == self).map_or("", |(_, name, _)| name)
    }
}

impl Render for Icon {
    fn render(&self) -> Markup {
        html! { svg.icon aria-hidden="true" { use href={ "#i-" (self.name()) } {} } }
    }
}

/// The drawings: once a page, out of sight.
pub(crate) fn sprite() -> Markup {
    html! {
        svg width="0" height="0" aria-hidden="true" hidden {
            @for (_, name, path) in ALL {
                symbol id={ "i-" (name) } viewBox="0 0 16 16" { path d=(path) {} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_icon_has_a_name_of_its_own() {
        let names: HashSet<_> = ALL.iter().map(|(icon, ..)| icon.name()).collect();
        assert_eq!((names.len(), names.contains("")), (ALL.len(), false));
        for (state, name) in [(State::Failed, "failed"), (State::Awaiting, "awaiting"), (State::Deleted, "deleted")] {
            assert_eq!(Icon::of(state).name(), name);
        }
    }
}
