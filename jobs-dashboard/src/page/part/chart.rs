//! Counts over time: columns drawn here, which a script exchanges for a chart that can be zoomed, and a table of the same numbers.

use jiff::Timestamp;
use maud::{Markup, html};
use serde::Serialize;

use super::{Column, Table, exact};
use crate::web::Settings;

/// The height of the drawing; its width is one for each point in time, and the browser stretches it.
const HEIGHT: f64 = 100.0;

/// One line of numbers, from the oldest to the newest.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Series {
    pub(crate) label: &'static str,
    /// The class that colours it.
    pub(crate) class: &'static str,
    pub(crate) values: Vec<i64>,
}

/// Several lines over the same points in time.
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) at: Vec<Timestamp>,
    pub(crate) series: Vec<Series>,
}

/// What the script reads.
#[derive(Serialize)]
struct Numbers<'c> {
    at: Vec<i64>,
    series: &'c [Series],
}

impl Chart {
    pub(crate) fn html(&self, settings: &Settings) -> Markup {
        let text = &settings.text().overview;
        let numbers = Numbers { at: self.at.iter().map(|at| at.as_second()).collect(), series: &self.series };
        // Numbers and our own words always have a JSON form.
        let numbers = serde_json::to_string(&numbers).unwrap_or_default();
        html! {
            figure.chart data-chart=(numbers) aria-label=(self.title) {
                (self.still())
                div.plot hidden hx-morph-skip {}
                figcaption {
                    ul.legend {
                        @for series in &self.series {
                            li.muted {
                                span.swatch.(series.class) {}
                                (series.label) " " (sum(settings, series))
                            }
                        }
                        li.muted data-at {}
                    }
                }
                details { summary { (text.chart_table) } (self.table(settings)) }
            }
        }
    }

    /// Columns, the series upon each other.
    fn still(&self) -> Markup {
        let total = |index: usize| self.series.iter().map(|series| value(series, index)).sum::<i64>();
        let highest = (0..self.at.len()).map(total).max().unwrap_or_default().max(1) as f64;
        let mut blocks = Vec::new();
        for index in 0..self.at.len() {
            let mut top = HEIGHT;
            for series in self.series.iter().filter(|series| value(series, index) > 0) {
                let height = value(series, index) as f64 / highest * HEIGHT;
                top -= height;
                blocks.push((series.class, index as f64 + 0.1, top, height));
            }
        }
        html! {
            svg.still viewBox={ "0 0 " (self.at.len().max(1)) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(self.title) {
                @for (class, x, y, height) in blocks {
                    rect.(class) x=(format!("{x:.1}")) y=(format!("{y:.2}")) width="0.8" height=(format!("{height:.2}")) {}
                }
            }
        }
    }

    fn table(&self, settings: &Settings) -> Markup {
        let mut columns = vec![Column::words(settings.text().overview.chart_time)];
        columns.extend(self.series.iter().map(|series| Column::numbers(series.label)));
        let mut table = Table::new(&columns);
        for (index, at) in self.at.iter().enumerate().rev() {
            let cells = self.series.iter().map(|series| html! { (settings.lang.count(value(series, index))) });
            table.cells(std::iter::once(exact(*at)).chain(cells).collect());
        }
        table.html()
    }
}

/// The sum of a line, which the script exchanges for the number under the pointer.
fn sum(settings: &Settings, series: &Series) -> Markup {
    let sum = settings.lang.count(series.values.iter().sum());
    html! { b data-sum=(sum) { (sum) } }
}

fn value(series: &Series, index: usize) -> i64 {
    series.values.get(index).copied().unwrap_or_default()
}
