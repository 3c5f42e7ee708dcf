//! The list of servers.

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    ServerId,
    storage::{PauseTarget, ServerRecord},
};
use maud::{Markup, html};

use super::{
    Page, Place,
    asked::Asked,
    glance::{self, Hold},
    part::{self, Column, Icon, Table, Tone, Topic, ago, badge, line, region, shown, updates},
};
use crate::{
    act::{Told, operator},
    gate::Right,
    live::{Pulse, length},
    shared::Shared,
    web::{Fault, Form, Html, Link, Params, Visit},
};

/// What starts a server.
const START: &str = r#"client.server().queues(["default"]).workers(32).run().await?;"#;

/// So many queues of a server are named.
const QUEUES: usize = 10;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    Ok(Html(page(&visit, &pulse, Told::of(&params))))
}

/// What can be done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Hold(Hold),
    Stop,
}

impl Act {
    fn parse(form: &Params) -> Result<Self, Fault> {
        let hold = form.text("act").and_then(Hold::parse).map(Self::Hold);
        let stop = (form.text("act") == Some("stop")).then_some(Self::Stop);
        hold.or(stop).ok_or_else(|| glance::unknown(form, "pause, resume, stop"))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Hold(hold) => hold.word(),
            Self::Stop => "stop",
        }
    }

    fn label(self, visit: &Visit) -> &'static str {
        match self {
            Self::Hold(hold) => hold.label(visit),
            Self::Stop => visit.text().servers.stop,
        }
    }
}

/// Acts on a server, once the visitor has been asked.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    params: Params,
    Form(form): Form,
) -> Result<Response, Fault> {
    let act = Act::parse(&form)?;
    let id: ServerId = glance::named(&params, "server")?.parse().map_err(|error| Fault::Bad(format!("{error}")))?;
    if !Asked::is_answered(&form) {
        let server = shared.client.server_ref(id).record().await?;
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, act, &server)).into_response());
    }
    let told = match act {
        Act::Hold(hold) => hold.carry_out(&visit, PauseTarget::Server(id), &form).await?,
        Act::Stop => {
            operator(&visit, form.text("reason").unwrap_or_default()).stop_server(id).await?;
            Told::One { done: true }
        }
    };
    let link = told.extend(visit.base.to("/servers"));
    Ok(Redirect::to(&link.to_string()).into_response())
}

/// Where the forms of a server go.
fn action(visit: &Visit, server: &ServerRecord) -> Link {
    visit.base.to("/servers").query("server", server.id)
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, act: Act, server: &ServerRecord) -> Markup {
    let text = &visit.text().servers;
    let name = line(&server.info.name);
    let (what, tone) = match act {
        Act::Hold(hold) => hold.asked(visit, [text.ask_quiet, text.ask_resume], &name),
        Act::Stop => (html! { ((text.ask_stop)(&name)) }, Tone::Bad),
    };
    let (word, label) = (act.word(), act.label(visit));
    let (action, back) = (action(visit, server), visit.base.to("/servers"));
    Asked { place: Place::Servers, word, label, action, back, what, tone }.page(visit, pulse)
}

fn buttons(visit: &Visit, server: &ServerRecord) -> Markup {
    let is_going = !server.alive || server.info.stopping || server.orders.stop;
    html! {
        @if !is_going && visit.gate.may(Right::ADMIN) {
            form.actions method="post" action=(action(visit, server)) {
                @for act in [Act::Hold(Hold::next(server.pause.as_ref())), Act::Stop] {
                    button name="act" value=(act.word()) { (act.label(visit)) }
                }
            }
        }
    }
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, told: Option<Told>) -> Markup {
    let page = Page::new(visit, visit.text().servers.title).at(Place::Servers).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.notice(visit, visit.text().servers.too_late)) }
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
            html! { (shown(&server.info.name)) (buttons(visit, server)) },
            state(visit, server),
            used(visit, server),
            queues(visit, server),
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

fn queues(visit: &Visit, server: &ServerRecord) -> Markup {
    let queues: Vec<_> = server.info.queues.iter().filter(|queue| visit.gate.sees(queue)).collect();
    html! {
        @for (index, queue) in queues.iter().take(QUEUES).enumerate() {
            @if index > 0 { ", " }
            (shown(queue))
        }
        @if queues.len() > QUEUES { " +" (queues.len() - QUEUES) }
    }
}
