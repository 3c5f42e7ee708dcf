//! The database and the program as they stand. How the database is reached is shown nowhere.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::State as Shares;
use jiff::SignedDuration;
use jobs_runtime::System;
use maud::{Markup, html};

use super::{
    Page, Place,
    part::{Column, Icon, Table, Tone, Topic, badge, exact, region, shown, updates},
};
use crate::{
    api,
    live::{Pulse, length},
    shared::Shared,
    web::{Fault, Html, Visit},
};

/// Clocks that differ by more than this, beyond what the measurement may be off, are worth a word.
const FAR: SignedDuration = SignedDuration::from_secs(2);
/// What is less is written as nothing.
const LEAST: Duration = Duration::from_millis(1);
/// So many servers of a version are named, and so many tables are listed.
const NAMES: usize = 10;
const TABLES: usize = 100;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let system = shared.client.system().await?;
    Ok(Html(page(&visit, &pulse, &system)))
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, system: &System) -> Markup {
    let text = &visit.text().system;
    let page = Page::new(visit, text.title).at(Place::System).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        (updates(visit, Topic::Servers, &["versions"]))
        div.columns {
            div.stack {
                section.panel aria-labelledby="database-title" {
                    header { h2 #database-title { (text.database) } }
                    (facts(visit, system))
                }
                section.panel aria-labelledby="versions-title" {
                    header { h2 #versions-title { (text.versions) } }
                    (region("versions", versions(visit, pulse)))
                }
            }
            div.stack {
                section.panel aria-labelledby="sizes-title" {
                    header { h2 #sizes-title { (text.sizes) } }
                    (sizes(visit, system))
                }
                section.panel aria-labelledby="migrations-title" {
                    header { h2 #migrations-title { (text.migrations) } }
                    (migrations(visit, system))
                }
            }
        }
    };
    page.html(content)
}

fn facts(visit: &Visit, system: &System) -> Markup {
    let text = &visit.text().system;
    html! {
        dl.facts {
            dt { (text.engine) } dd { (system.engine) }
            dt { (text.version) } dd { (shown(&system.version)) }
            dt { (text.schema) } dd { (system.schema) }
            dt { (text.library) } dd { (system.library) }
            dt { (text.time) } dd { (exact(system.now)) }
            dt { (text.clock) } dd { (clock(visit, system)) }
            dt { (text.api) } dd {
                a href=(visit.base.to(api::DOCUMENT)) { "OpenAPI" }
                div.small.muted { (text.api_how) }
            }
        }
    }
}

fn clock(visit: &Visit, system: &System) -> Markup {
    let text = &visit.text().system;
    let (span, uncertain) = (visit.lang.span(system.ahead.unsigned_abs()), visit.lang.span(system.uncertain));
    let least = system.uncertain.max(LEAST);
    let sentence = match system.ahead.is_negative() {
        _ if system.ahead.unsigned_abs() <= least => (text.alike)(&visit.lang.span(least)),
        true => (text.behind)(&span, &uncertain),
        false => (text.ahead)(&span, &uncertain),
    };
    let margin = SignedDuration::try_from(system.uncertain).unwrap_or(SignedDuration::MAX);
    html! {
        @if system.ahead.abs() > FAR.saturating_add(margin) {
            div { (badge(Tone::Warn, Icon::Warn, text.far_off)) }
        }
        div { (sentence) }
        div.small.muted { (text.clock_how) }
    }
}

/// Which versions the servers run that live: two at once are usual for the time of a deployment only.
fn versions(visit: &Visit, pulse: &Pulse) -> Markup {
    let text = &visit.text().system;
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for server in pulse.alive() {
        versions.entry(&server.info.version).or_default().push(&server.info.name);
    }
    if versions.is_empty() {
        return html! { p.empty { (text.no_server) } };
    }
    let columns = [Column::words(text.server_version), Column::words(text.servers)];
    let skew = (versions.len() > 1).then(|| badge(Tone::Warn, Icon::Warn, &(text.skew)(length(versions.len()))));
    let mut table = Table::new(&columns);
    if let Some(skew) = skew {
        table = table.caption(skew);
    }
    for (version, names) in versions {
        table.row([
            shown(version),
            html! {
                (visit.lang.count(length(names.len()))) ": "
                @for (index, name) in names.iter().take(NAMES).enumerate() {
                    @if index > 0 { ", " }
                    (shown(name))
                }
                @if names.len() > NAMES { " \u{2026}" }
            },
        ]);
    }
    table.html()
}

/// The steps that made the tables, the newest first.
fn migrations(visit: &Visit, system: &System) -> Markup {
    let text = &visit.text().system;
    let columns = [Column::words(text.step), Column::words(text.applied)];
    let mut table = Table::new(&columns);
    for step in system.migrations.iter().rev().take(TABLES) {
        table.row([html! { (step.version) " " (shown(&step.name)) }, exact(step.applied_at)]);
    }
    table.html()
}

fn sizes(visit: &Visit, system: &System) -> Markup {
    let text = &visit.text().system;
    if system.sizes.is_empty() {
        return html! { p.empty { (text.no_sizes) } };
    }
    let columns = [Column::words(text.table), Column::numbers(text.rows), Column::numbers(text.size)];
    let mut table = Table::new(&columns).caption(html! { (text.sizes_how) });
    for size in system.sizes.iter().take(TABLES) {
        table.row([
            html! { code { (shown(&size.name)) } },
            html! {
                @match size.rows { Some(rows) => (visit.lang.count(rows)), None => span.muted { "\u{2013}" } }
            },
            html! { (visit.lang.bytes(size.bytes)) },
        ]);
    }
    table.html()
}
