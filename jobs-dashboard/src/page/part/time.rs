//! Instants, for people and for machines. Without JavaScript they are in UTC.

use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::{text, web::Settings};

/// How long ago or in how long, with the exact time behind it.
pub(crate) fn ago(settings: &Settings, at: Timestamp) -> Markup {
    html! { time datetime=(machine(at)) title=(text::exact(at)) { (settings.lang.away(at, settings.now)) } }
}

/// The exact time.
pub(crate) fn exact(at: Timestamp) -> Markup {
    html! { time.exact datetime=(machine(at)) { (text::exact(at)) } }
}

/// A span of time.
pub(crate) fn span(settings: &Settings, span: Duration) -> Markup {
    html! { span title={ (span.as_secs_f64()) " s" } { (settings.lang.span(span)) } }
}

/// An instant as HTML asks for it: three digits of a second at most.
fn machine(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_read_milliseconds() {
        let at: Timestamp = "2026-11-23T04:30:00.123456Z".parse().expect("an instant");
        assert_eq!(machine(at), "2026-11-23T04:30:00.123Z");
    }
}
