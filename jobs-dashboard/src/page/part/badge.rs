//! A word with an icon and a colour.

use jobs_runtime::State;
use maud::{Markup, html};

use super::Icon;
use crate::web::Settings;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warn,
    Bad,
    Info,
    Dim,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "s-good",
            Self::Warn => "s-warn",
            Self::Bad => "s-bad",
            Self::Info => "s-enqueued",
            Self::Dim => "s-deleted",
        }
    }
}

/// The class that colours a state.
pub(crate) fn class(state: State) -> &'static str {
    match state {
        State::Scheduled => "s-scheduled",
        State::Awaiting => "s-awaiting",
        State::Enqueued => "s-enqueued",
        State::Processing => "s-processing",
        State::Succeeded => "s-succeeded",
        State::Failed => "s-failed",
        State::Deleted => "s-deleted",
    }
}

/// A badge of our own word.
pub(crate) fn badge(tone: Tone, icon: Icon, word: &str) -> Markup {
    html! { span.badge.(tone.class()) { (icon) (word) } }
}

/// The badge of a job's state.
pub(crate) fn state(settings: &Settings, state: State) -> Markup {
    html! { span.badge.(class(state)) { (Icon::of(state)) ((settings.text().part.state)(state)) } }
}
