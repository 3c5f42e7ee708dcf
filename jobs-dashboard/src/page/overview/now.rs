//! The last minute, second by second: columns drawn here, which a script goes on drawing from the stream.

use std::fmt::Write;

use jiff::Timestamp;
use maud::{Markup, html};
use serde::Serialize;

use crate::{
    live::{Ends, Recent, SECONDS},
    web::Visit,
};

/// The height of the drawing; its width is one for each second, and the browser stretches it.
const HEIGHT: f64 = 100.0;

/// What the script reads.
#[derive(Serialize)]
struct Numbers<'n> {
    at: i64,
    ended: &'n [(i64, Ends)],
}

/// What has ended in the last minute, in the queues that the visitor sees.
pub(super) fn html(visit: &Visit, recent: &Recent) -> Markup {
    let text = &visit.text().overview;
    let at = visit.now.as_second();
    let ended = recent.since(at - SECONDS + 1, &visit.gate);
    // Numbers always have a JSON form.
    let numbers = serde_json::to_string(&Numbers { at, ended: &ended }).unwrap_or_default();
    let series = [(text.succeeded, "s-succeeded"), (text.failed, "s-failed")];
    html! {
        figure.now data-now=(numbers) aria-label=(text.now) {
            svg viewBox={ "0 0 " (SECONDS) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(text.now) {
                @for (path, (_, class)) in columns(visit.now, &ended).iter().zip(series) { path.(class) d=(path) {} }
            }
            figcaption {
                ul.legend {
                    @for (place, (label, class)) in series.into_iter().enumerate() {
                        @let sum: i64 = ended.iter().map(|(_, ends)| ends[place]).sum();
                        li.muted { span.swatch.(class) {} (label) " " b { (visit.lang.count(sum)) } }
                    }
                    li { (text.now_note) }
                }
            }
        }
    }
}

/// A column for each second, what failed upon what succeeded: a path for each of both.
fn columns(now: Timestamp, ended: &[(i64, Ends)]) -> [String; 2] {
    let highest = ended.iter().map(|(_, ends)| ends.iter().sum()).max().unwrap_or(1).max(1) as f64;
    let mut paths = [String::new(), String::new()];
    for (at, ends) in ended {
        let x = (SECONDS - 1 - (now.as_second() - at)) as f64 + 0.1;
        let mut y = HEIGHT;
        for (path, count) in paths.iter_mut().zip(ends).filter(|(_, count)| **count > 0) {
            let height = *count as f64 / highest * HEIGHT;
            y -= height;
            // Writing into a string cannot fail.
            let _ = write!(path, "M{x:.1} {y:.2}h.8v{height:.2}h-.8z");
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_upon_each_other_and_now_is_the_last() {
        let now = Timestamp::from_second(1_000).expect("an instant");
        let [good, bad] = columns(now, &[(941, [1, 0]), (1_000, [3, 1])]);
        assert_eq!(good, "M0.1 75.00h.8v25.00h-.8zM59.1 25.00h.8v75.00h-.8z");
        assert_eq!(bad, "M59.1 0.00h.8v25.00h-.8z");
        assert_eq!(columns(now, &[]), [String::new(), String::new()]);
    }
}
