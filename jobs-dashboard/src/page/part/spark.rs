//! A line of a few numbers, small enough for a row of a table.

use std::fmt::Write;

use maud::{Markup, html};

/// The numbers as a line, from the oldest to the newest; `words` say what it shows to who does not see it.
pub(crate) fn spark(values: &[i64], words: &str) -> Markup {
    html! {
        svg.spark viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label=(words) { path d=(line(values)) {} }
    }
}

fn line(values: &[i64]) -> String {
    let highest = values.iter().copied().max().unwrap_or_default().max(1) as f64;
    let step = 100.0 / values.len().saturating_sub(1).max(1) as f64;
    let mut path = String::new();
    for (index, value) in values.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let (x, y) = (index as f64 * step, 27.0 - *value as f64 / highest * 26.0);
        // Writing into a string cannot fail.
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fills_its_field() {
        assert_eq!(line(&[0, 5, 10]), "M0.0 27.0L50.0 14.0L100.0 1.0");
        assert_eq!((line(&[]), line(&[0])), (String::new(), "M0.0 27.0".to_owned()));
    }
}
