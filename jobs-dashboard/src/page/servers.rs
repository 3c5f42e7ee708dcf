//! The list of servers.

use std::sync::Arc;

use axum::extract::State as Shares;
use jobs_runtime::storage::ServerRecord;
use maud::{Markup, html};

use super::{
    Page, Place,
    part::{self, Column, Icon, Table, Tone, Topic, ago, badge, region, shown, updates},
};
use crate::{
    live::{Pulse, length},
    shared::Shared,
    web::{Fault, Html, Visit},
};

/// What starts a server.
const START: &str = r#"client.server().queues(["default"]).workers(32).run().await?;"#;

/// So many queues of a server are named.
const QUEUES: usize = 10;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    Ok(Html(page(&visit, &pulse)))
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>) -> Markup {
    let page = Page::new(visit, visit.text().servers.title).at(Place::Servers).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        (updates(visit, Topic::Servers, &["servers"]))
        (region("servers", html! { section.panel { (list(visit, pulse)) } }))
    };
    page.html(content)
}

fn list(visit: &Visit, pulse: &Pulse) -> Markup {
    let text = &visit.text().servers;
    if pulse.servers.is_empty() {
        return part::empty(text.empty, text.empty_how, Some(START));
    }
    let columns = [
        Column::words(text.name),
        Column::words(text.state),
        Column::words(text.slots),
        Column::words(text.queues),
        Column::words(text.version),
        Column::words(text.started),
        Column::words(text.beat),
    ];
    let slots = pulse.alive().map(|server| i64::from(server.info.workers)).sum();
    let mut table = Table::new(&columns).caption(html! { ((text.caption)(length(pulse.alive().count()), slots)) });
    for server in &pulse.servers {
        table.row([
            shown(&server.info.name),
            state(visit, server),
            used(visit, server),
            queues(server),
            shown(&server.info.version),
            ago(visit, server.started_at),
            ago(visit, server.beat_at),
        ]);
    }
    table.html()
}

fn state(visit: &Visit, server: &ServerRecord) -> Markup {
    let text = &visit.text().servers;
    html! {
        @if !server.alive {
            (badge(Tone::Bad, Icon::Warn, text.dead))
        } @else if server.info.stopping || server.orders.stop {
            (badge(Tone::Warn, Icon::Pause, text.stopping))
        } @else if let Some(pause) = &server.pause {
            (badge(Tone::Warn, Icon::Pause, text.paused))
            @if !pause.reason.is_empty() { div.small { (shown(&pause.reason)) } }
            @if let Some(until) = pause.until { div.small { (ago(visit, until)) } }
        } @else {
            (badge(Tone::Good, Icon::Good, text.runs))
        }
    }
}

fn used(visit: &Visit, server: &ServerRecord) -> Markup {
    let text = &visit.text().servers;
    let (running, slots) = (server.info.running, server.info.workers);
    html! {
        (part::progress(running.into(), slots.into(), &(text.slots_used)(running.into(), slots.into())))
        @if server.info.lost > 0 { div.small { (badge(Tone::Warn, Icon::Warn, &(text.lost)(server.info.lost.into()))) } }
        @if let Some(wanted) = server.orders.workers.filter(|wanted| *wanted != slots) {
            div.small.muted { ((text.resizing)(wanted.into())) }
        }
    }
}

fn queues(server: &ServerRecord) -> Markup {
    let queues = &server.info.queues;
    html! {
        @for (index, queue) in queues.iter().take(QUEUES).enumerate() {
            @if index > 0 { ", " }
            (shown(queue))
        }
        @if queues.len() > QUEUES { " +" (queues.len() - QUEUES) }
    }
}
