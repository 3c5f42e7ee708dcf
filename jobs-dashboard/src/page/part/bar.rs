//! Shares of a whole.

use jobs_runtime::State;
use maud::{Markup, html};

use super::{badge::class, line, shown};
use crate::web::Settings;

/// The width of the drawing; the browser stretches it.
const WIDTH: f64 = 1_000.0;

/// How many jobs are in which state. States without a job are left out. Who does not see it hears the words; of no jobs there are none.
pub(crate) fn bar(settings: &Settings, counts: &[(State, i64)]) -> Markup {
    let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
    let total: f64 = counts.iter().map(|(_, count)| *count as f64).sum();
    let words = counts
        .iter()
        .map(|(state, count)| format!("{} {}", (settings.text().part.state)(*state), settings.lang.count(*count)));
    let words = words.collect::<Vec<_>>().join(", ");
    let mut at = 0.0;
    let pieces = counts.iter().map(|(state, count)| {
        let width = *count as f64 / total * WIDTH;
        at += width;
        (state, at - width, width)
    });
    let (role, hidden) = if words.is_empty() { (None, Some("true")) } else { (Some("img"), None) };
    html! {
        svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" role=[role] aria-label=[role.map(|_| &words)] aria-hidden=[hidden] {
            @if role.is_some() { title { (words) } }
            @for (state, x, width) in pieces {
                rect.(class(*state)) x=(format!("{x:.1}")) y="0" width=(format!("{width:.1}")) height="10" {}
            }
        }
    }
}

/// How much of something is used or done, with its words.
pub(crate) fn progress(done: u64, all: u64, words: &str) -> Markup {
    html! {
        span.progress {
            progress value=(done.min(all)) max=(all.max(1)) aria-label=(line(words)) {}
            " " span.small { (shown(words)) }
        }
    }
}
