//! The overview: how things are in one sentence, then in numbers, then over time.

mod ended;
mod health;
mod now;

use std::{sync::Arc, time::Duration};

use axum::extract::State as Shares;
use futures_util::future::try_join;
use jobs_runtime::{
    KindSummary, State,
    storage::{Measure, StatPoint},
};
use maud::{Markup, html};

pub(crate) use self::{
    ended::Ended,
    health::{Health, Problem},
};
use super::{
    Page, Place,
    part::{self, Chart, Column, Icon, Series, Table, Topic, line, region, shown, updates},
};
use crate::{
    live::{Pulse, Range, Recent, length},
    shared::Shared,
    web::{Fault, Html, Params, Visit},
};

/// So many queues and kinds are listed.
const ROWS: usize = 8;

/// What a program needs for its first job.
const FIRST_STEPS: &str = r#"use jobs::prelude::*;

#[job]
async fn send_welcome(name: String) {
    println!("Welcome, {name}!");
}

send_welcome::enqueue("Ada").on(&client).await?;
client.server().run().await?;"#;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let range = params.text("range").and_then(Range::parse).unwrap_or_default();
    let pulse = shared.live.pulse().await?;
    let (points, kinds) =
        try_join(shared.live.stats(range, visit.now), super::kinds::seen(&shared, &visit, &pulse)).await?;
    let hour = if range == Range::Hour { points.clone() } else { shared.live.stats(Range::Hour, visit.now).await? };
    let waits = shared.live.waits().await?;
    let recent = shared.live.recent();
    let view =
        View { recent: &recent, pulse: &pulse, range, hour: &hour, points: &points, waits: &waits, kinds: &kinds };
    Ok(Html(page(&visit, &view)))
}

/// All that the page shows.
pub(crate) struct View<'v> {
    pub(crate) pulse: &'v Arc<Pulse>,
    pub(crate) recent: &'v Recent,
    pub(crate) range: Range,
    /// The statistics of the last hour.
    pub(crate) hour: &'v [StatPoint],
    /// The same of the range that was chosen.
    pub(crate) points: &'v [StatPoint],
    /// How long what is next in each queue has been due.
    pub(crate) waits: &'v [(String, Duration)],
    pub(crate) kinds: &'v [KindSummary],
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, view: &View<'_>) -> Markup {
    let View { pulse, range, hour, points, .. } = *view;
    let text = &visit.text().overview;
    let page = Page::new(visit, text.title).at(Place::Overview).pulse(pulse).with_charts();
    let hour = Ended::of(hour, visit);
    let is_new = pulse.is_new(&visit.gate);
    let content = html! {
        (page.heading(html! {}))
        // After the first job another page is in its place.
        @if is_new { (updates(visit, Topic::Any, &["overview"])) }
        @else { (updates(visit, Topic::Any, &["health", "counts", "chart", "queues", "kinds", "slow"])) }
        div.stack #overview {
            @if is_new {
                section.panel { (part::empty(text.first_steps, text.first_steps_how, Some(FIRST_STEPS))) }
            } @else {
                (region("health", health_box(visit, &Health::of(pulse, &visit.gate, &hour))))
                (region("counts", counts(visit, view, &hour)))
                section.panel aria-labelledby="now-title" {
                    header { h2 #now-title { (text.now) } }
                    div.body { (now::html(visit, view.recent)) }
                }
                section.panel aria-labelledby="chart-title" {
                    header { h2 #chart-title { (text.chart) } (ranges(visit, range)) }
                    div.body { (region("chart", chart(visit, range, points))) }
                }
                div.columns {
                    section.panel aria-labelledby="queues-title" {
                        header { h2 #queues-title { (text.queues) } }
                        (region("queues", queues(visit, pulse)))
                    }
                    section.panel aria-labelledby="kinds-title" {
                        header { h2 #kinds-title { (text.failing_kinds) } }
                        (region("kinds", kinds(visit, &Ended::of(points, visit))))
                    }
                    section.panel aria-labelledby="slow-title" {
                        header { h2 #slow-title { (text.slow_kinds) } }
                        (region("slow", slow(visit, view.kinds)))
                    }
                }
            }
        }
    };
    page.html(content)
}

fn health_box(visit: &Visit, health: &Health<'_>) -> Markup {
    let text = &visit.text().overview;
    let count = |number| visit.lang.count(number);
    let sentence = |problem: &Problem<'_>| match problem {
        Problem::NoServer { waiting } => (text.no_server)(*waiting),
        Problem::NobodyReads { queue, waiting } => (text.nobody_reads)(&line(queue), *waiting),
        Problem::Failing { failed, ended } => (text.failing)(&visit.lang.percent(*failed, *ended), *failed),
        Problem::LostServer { name } => (text.lost_server)(&line(name)),
        Problem::LostSlots { name, slots } => (text.lost_slots)(&line(name), *slots),
        Problem::Versions { versions } => (text.versions)(&line(&versions.join(", "))),
    };
    let (class, icon, headline) = match health {
        Health::Good { servers: Some(0), .. } => ("s-good", Icon::Good, text.idle.to_owned()),
        Health::Good { servers: Some(servers), running } => ("s-good", Icon::Good, (text.healthy)(*servers, *running)),
        Health::Good { servers: None, running } => ("s-good", Icon::Good, (text.healthy_queues)(*running)),
        Health::Troubled(problems) => {
            let is_bad = problems.iter().any(Problem::is_bad);
            (if is_bad { "s-bad" } else { "s-warn" }, Icon::Warn, (text.troubled)(length(problems.len())))
        }
    };
    html! {
        section.health.(class) aria-label=(headline) {
            (icon)
            p { (headline) }
            @if let Health::Troubled(problems) = health {
                ul {
                    @for problem in problems.iter().take(ROWS) { li { (sentence(problem)) } }
                    @if problems.len() > ROWS { li.muted { "+ " (count(length(problems.len() - ROWS))) } }
                }
            }
        }
    }
}

fn counts(visit: &Visit, view: &View<'_>, hour: &Ended<'_>) -> Markup {
    let (text, pulse) = (&visit.text().overview, view.pulse);
    let waits = view.waits.iter().filter(|(queue, _)| visit.gate.sees(queue));
    let oldest = waits.map(|(queue, wait)| (*wait, queue)).max();
    let states = pulse.states(&visit.gate);
    let slots: i64 = pulse.alive().map(|server| i64::from(server.info.workers)).sum();
    let of = |wanted| states.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
    let card = |state: State, label: &str, more: Option<String>| {
        html! {
            li.card.(part::class(state)) {
                span.label { (Icon::of(state)) (label) }
                span.value { (visit.lang.count(of(state))) }
                @if let Some(more) = more { span.muted.small { (more) } }
            }
        }
    };
    html! {
        ul.cards {
            (card(State::Enqueued, text.enqueued, None))
            (card(State::Processing, text.processing, visit.gate.sees_all().then(|| (text.of_slots)(slots))))
            (card(State::Scheduled, text.scheduled, None))
            (card(State::Awaiting, text.awaiting, None))
            li.card {
                span.label { (Icon::Scheduled) (text.oldest_wait) }
                @match oldest {
                    Some((wait, queue)) => {
                        span.value { (part::span(visit, wait)) }
                        span.muted.small { (shown(queue)) }
                    }
                    None => span.value { "\u{2013}" },
                }
            }
            (card(State::Failed, text.failed, Some((text.failed_hour)(hour.failed()))))
            (card(State::Succeeded, text.succeeded, Some((text.succeeded_hour)(hour.succeeded()))))
        }
    }
}

fn ranges(visit: &Visit, range: Range) -> Markup {
    let text = &visit.text().overview;
    let name = |range| match range {
        Range::Hour => text.hour,
        Range::Day => text.day,
        Range::Week => text.week,
        Range::Month => text.month,
        Range::Year => text.year,
    };
    html! {
        nav.tabs aria-label=(text.range) {
            @for one in Range::ALL {
                a href=(visit.base.to("/").query("range", one.word())) aria-current=[(one == range).then_some("true")] { (name(one)) }
            }
        }
    }
}

fn chart(visit: &Visit, range: Range, points: &[StatPoint]) -> Markup {
    let text = &visit.text().overview;
    let at = range.times(visit.now);
    let values = |measure: Measure| {
        let mut values = vec![0; at.len()];
        let fitting = points.iter().filter(|point| point.measure == measure && visit.gate.sees(&point.queue));
        for point in fitting {
            if let Some(index) = range.index(&at, point.at) {
                values[index] += point.count;
            }
        }
        values
    };
    let series = vec![
        Series { label: text.succeeded, class: "s-succeeded", values: values(Measure::Succeeded) },
        Series { label: text.failed, class: "s-failed", values: values(Measure::Failed) },
        Series { label: text.deleted, class: "s-deleted", values: values(Measure::Deleted) },
    ];
    Chart { title: text.chart, at, series }.html(visit)
}

fn queues(visit: &Visit, pulse: &Pulse) -> Markup {
    let text = &visit.text().overview;
    let mut queues: Vec<_> = pulse.queues(&visit.gate).into_iter().collect();
    let waiting =
        |states: &[(State, i64); 7]| states.iter().filter(|(state, _)| !state.is_final()).map(|(_, n)| n).sum::<i64>();
    queues.sort_by_key(|(name, states)| (std::cmp::Reverse(waiting(states)), *name));
    let columns = [
        Column::words(visit.text().part.queue),
        Column::numbers(text.enqueued),
        Column::numbers(text.processing),
        Column::numbers(text.scheduled),
        Column::numbers(text.failed),
    ];
    let mut table = Table::new(&columns);
    for (name, states) in queues.iter().take(ROWS) {
        let of = |wanted| states.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
        table.row([
            html! { (shown(name)) (part::bar(visit, states)) },
            html! { (visit.lang.count(of(State::Enqueued))) },
            html! { (visit.lang.count(of(State::Processing))) },
            html! { (visit.lang.count(of(State::Scheduled))) },
            html! { (visit.lang.count(of(State::Failed))) },
        ]);
    }
    if table.is_empty() {
        return html! { p.empty { (text.no_queues) } };
    }
    table.html()
}

fn kinds(visit: &Visit, ended: &Ended<'_>) -> Markup {
    let text = &visit.text().overview;
    let columns = [Column::words(visit.text().part.kind), Column::numbers(text.failed), Column::numbers(text.share)];
    let mut table = Table::new(&columns);
    for (kind, failed, all) in ended.failing().into_iter().take(ROWS) {
        table.row([shown(kind), html! { (visit.lang.count(failed)) }, html! { (visit.lang.percent(failed, all)) }]);
    }
    if table.is_empty() {
        return html! { p.empty { ((text.no_failing_kinds)(ended.succeeded())) } };
    }
    table.html()
}

/// The kinds whose slowest runs are the slowest.
fn slow(visit: &Visit, kinds: &[KindSummary]) -> Markup {
    let text = &visit.text().overview;
    let runs = |kind: &KindSummary| Some((kind.throughput.runs.quantile(0.95)?, kind.throughput.runs.quantile(0.5)?));
    let mut slow: Vec<_> = kinds.iter().filter_map(|kind| Some((runs(kind)?, &kind.kind))).collect();
    slow.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let columns = [Column::words(visit.text().part.kind), Column::numbers("p50"), Column::numbers("p95")];
    let mut table = Table::new(&columns);
    for ((p95, p50), kind) in slow.into_iter().take(ROWS) {
        table.row([shown(kind), part::span(visit, p50), part::span(visit, p95)]);
    }
    if table.is_empty() {
        return html! { p.empty { (text.no_slow_kinds) } };
    }
    table.html()
}
