//! The list of kinds: how each does, and whether a server knows it.

mod narrow;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{KindSummary, State, storage::PauseTarget};
use maud::{Markup, html};

use self::narrow::narrow;
use super::{
    Page, Place,
    asked::Asked,
    glance::{self, Hold},
    jobs::Query,
    part::{self, Column, Icon, Table, Tone, Topic, badge, line, region, shown, updates},
};
use crate::{
    act::Told,
    live::{Pulse, length},
    policy::Role,
    shared::Shared,
    web::{Fault, Form, Html, Link, Params, Visit},
};

/// Which quantiles are shown, in percent.
const PERCENTS: [u8; 3] = [50, 95, 99];

/// What makes a kind.
const DECLARE: &str = r#"#[job]
async fn send_welcome(name: String) {}"#;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let kinds = seen(&shared, &visit, &pulse).await?;
    Ok(Html(page(&visit, &pulse, &kinds, Told::of(&params))))
}

/// What the visitor may know of kinds.
///
/// # Errors
/// What the client says.
pub(crate) async fn seen(shared: &Shared, visit: &Visit, pulse: &Pulse) -> Result<Vec<KindSummary>, Fault> {
    let kinds = shared.live.kinds().await?;
    if visit.gate.on_all(Role::Read, &[]) {
        return Ok(kinds.to_vec());
    }
    let points = shared.live.day(visit.now).await?;
    Ok(narrow(kinds.to_vec(), pulse, &points, &visit.gate))
}

/// Pauses or resumes a kind, once the visitor has been asked.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    params: Params,
    Form(form): Form,
) -> Result<Response, Fault> {
    let hold = form.text("act").and_then(Hold::parse).ok_or_else(|| glance::unknown(&form, "pause, resume"))?;
    let kind = glance::named(&params, "kind")?;
    // Its jobs may be in any queue.
    if !visit.gate.on_all(Role::Operate, &[]) {
        return Err(Fault::Forbidden { needs: Role::Operate, queue: None });
    }
    if !Asked::is_answered(&form) {
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, hold, kind)).into_response());
    }
    let told = hold.carry_out(&visit, PauseTarget::Kind(kind.into()), &form).await?;
    Ok(Redirect::to(&told.extend(visit.base.to("/kinds")).to_string()).into_response())
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, hold: Hold, kind: &str) -> Markup {
    let text = &visit.text().kinds;
    let (what, tone) = hold.asked(visit, [text.ask_pause, text.ask_resume], &line(kind));
    let (word, label) = (hold.word(), hold.label(visit));
    let (action, back) = (action(visit, kind), visit.base.to("/kinds"));
    Asked { place: Place::Kinds, word, label, action, back, what, tone }.page(visit, pulse)
}

/// Where the forms of a kind go.
fn action(visit: &Visit, kind: &str) -> Link {
    visit.base.to("/kinds").query("kind", kind)
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, kinds: &[KindSummary], told: Option<Told>) -> Markup {
    let page = Page::new(visit, visit.text().kinds.title).at(Place::Kinds).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.notice(visit, visit.text().glance.too_late)) }
        (updates(visit, Topic::Any, &["kinds"]))
        section.panel { (region("kinds", list(visit, kinds))) }
    };
    page.html(content)
}

fn list(visit: &Visit, kinds: &[KindSummary]) -> Markup {
    let text = &visit.text().kinds;
    if kinds.is_empty() {
        return part::empty(text.empty, text.empty_how, Some(DECLARE));
    }
    let mut columns = vec![
        Column::words(visit.text().part.kind),
        Column::words(visit.text().glance.states),
        Column::words(text.day),
        Column::words(text.waits),
        Column::words(text.runs),
        Column::numbers(visit.text().glance.servers),
    ];
    // What is done to a kind is done in every queue.
    let acts = visit.gate.on_all(Role::Operate, &[]);
    if acts {
        columns.push(Column::words(visit.text().act.acts));
    }
    let mut table = Table::new(&columns).caption(html! { ((text.caption)(length(kinds.len()))) });
    for kind in kinds {
        let mut cells = vec![
            name(visit, kind),
            glance::bar(visit, &kind.counts, |state| jobs(kind, state)),
            ended(visit, kind),
            glance::quantiles(visit, &kind.throughput.waits, &PERCENTS),
            glance::quantiles(visit, &kind.throughput.runs, &PERCENTS),
            html! { (visit.lang.count(length(kind.servers))) },
        ];
        if acts {
            let hold = Hold::next(kind.pause.as_ref());
            cells.push(html! {
                form.actions method="post" action=(action(visit, &kind.kind)) {
                    button name="act" value=(hold.word()) { (hold.label(visit)) }
                }
            });
        }
        table.cells(cells);
    }
    table.html()
}

/// The list of its jobs in a state.
fn jobs(kind: &KindSummary, state: State) -> Query {
    Query { kinds: vec![kind.kind.clone()], ..Query::of(state) }
}

fn name(visit: &Visit, kind: &KindSummary) -> Markup {
    let counts = &kind.counts;
    let waits = glance::ready(counts) + counts.scheduled + counts.awaiting > 0;
    html! {
        a href=(jobs(kind, State::Enqueued).link(&visit.base)) { (shown(&kind.kind)) }
        @if let Some(pause) = &kind.pause { (glance::paused(visit, pause)) }
        @if waits && kind.servers == 0 { div { (badge(Tone::Bad, Icon::Warn, visit.text().kinds.nobody_knows)) } }
    }
}

fn ended(visit: &Visit, kind: &KindSummary) -> Markup {
    html! {
        (glance::ended(visit, &kind.throughput))
        @if kind.throughput.failed > 0 {
            " " a.small href=(visit.base.to("/errors").query("kind", &kind.kind)) { (visit.text().kinds.errors) }
        }
    }
}
