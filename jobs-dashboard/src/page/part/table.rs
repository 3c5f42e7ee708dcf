//! A table: on a phone each row is a card.

use maud::{Markup, html};

use crate::web::{Link, Settings};

/// A column by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    is_number: bool,
}

impl Column {
    /// A column of words.
    pub(crate) const fn words(name: &'static str) -> Self {
        Self { name, is_number: false }
    }

    /// A column of numbers.
    pub(crate) const fn numbers(name: &'static str) -> Self {
        Self { name, is_number: true }
    }
}

/// A table. The first cell of a row names it. Roles are written out, because browsers forget those of a table that is not laid out as one.
pub(crate) struct Table<'t> {
    columns: &'t [Column],
    caption: Option<Markup>,
    /// Each with the name by which it is known when the table is exchanged.
    rows: Vec<(Option<String>, Vec<Markup>)>,
}

impl<'t> Table<'t> {
    /// A table of these columns.
    pub(crate) fn new(columns: &'t [Column]) -> Self {
        Self { columns, caption: None, rows: Vec::new() }
    }

    /// What it is about, above it.
    pub(crate) fn caption(mut self, caption: Markup) -> Self {
        self.caption = Some(caption);
        self
    }

    /// One more row: a cell for each column.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Markup; N]) {
        self.cells(cells.into());
    }

    /// One more row, where the number of columns is not known before.
    pub(crate) fn cells(&mut self, cells: Vec<Markup>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        self.rows.push((None, cells));
    }

    /// Names the last row, so that what a visitor ticks in it never slips to another row when the table is exchanged.
    pub(crate) fn keyed(&mut self, key: impl std::fmt::Display) {
        if let Some((name, _)) = self.rows.last_mut() {
            *name = Some(format!("row-{key}"));
        }
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn html(self) -> Markup {
        html! {
            div.scroll {
                table.list role="table" {
                    @if let Some(caption) = &self.caption { caption { (caption) } }
                    thead role="rowgroup" {
                        tr role="row" {
                            @for column in self.columns {
                                th scope="col" role="columnheader" .number[column.is_number] { (column.name) }
                            }
                        }
                    }
                    tbody role="rowgroup" { @for (key, row) in &self.rows { (self.line(key.as_deref(), row)) } }
                }
            }
        }
    }

    fn line(&self, key: Option<&str>, cells: &[Markup]) -> Markup {
        html! {
            tr id=[key] role="row" {
                @for (index, (cell, column)) in cells.iter().zip(self.columns).enumerate() {
                    @if index == 0 {
                        th scope="row" role="rowheader" data-label=(column.name) { div { (cell) } }
                    } @else {
                        td role="cell" .number[column.is_number] data-label=(column.name) { div { (cell) } }
                    }
                }
            }
        }
    }
}

/// The links to the pages before and after one of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pager {
    pub(crate) newer: Option<Link>,
    pub(crate) older: Option<Link>,
}

impl Pager {
    pub(crate) fn html(&self, settings: &Settings) -> Markup {
        let text = &settings.text().part;
        html! {
            @if self.newer.is_some() || self.older.is_some() {
                nav.pager aria-label=(text.pages) {
                    @if let Some(link) = &self.newer { a.button href=(link) rel="prev" { (text.newer) } }
                    @if let Some(link) = &self.older { a.button href=(link) rel="next" { (text.older) } }
                }
            }
        }
    }
}
