//! The list of what operators did, the newest first.

use std::sync::Arc;

use axum::extract::State as Shares;
use jobs_runtime::{
    State,
    storage::{Acted, AuditFilter, AuditRecord, Target, Verb},
};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    Page, Place, job,
    jobs::Query,
    part::{self, Column, Icon, Pager, Table, Tone, ago, badge, clipped, line, shown},
    recurring,
};
use crate::{
    live::Pulse,
    policy::Role,
    shared::Shared,
    web::{Fault, Html, Link, Params, Visit},
};

/// So many acts are on a page.
const ACTS: u32 = 50;
/// So many characters of a reason are shown, and of a detail.
const REASON: usize = 500;
const DETAIL: usize = 3_000;

/// Which acts are listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) actor: Option<String>,
    pub(crate) act: Option<Verb>,
    pub(crate) before: Option<i64>,
}

impl Wanted {
    /// What an address asks for.
    ///
    /// # Errors
    /// [`Fault::Bad`] for an act that is none, and for a place that is none.
    pub(crate) fn parse(params: &Params) -> Result<Self, Fault> {
        let act = |word: &str| {
            Verb::ALL.into_iter().find(|verb| verb.as_str() == word).ok_or_else(|| {
                let words = Verb::ALL.map(Verb::as_str).join(", ");
                Fault::Bad(format!("`act`: `{}` is no act of operators; there are {words}", line(word)))
            })
        };
        let place = |word: &str| {
            word.parse().map_err(|_| {
                Fault::Bad(format!(
                    "`before`: `{}` is no place in the list of acts; begin at its first page",
                    line(word)
                ))
            })
        };
        Ok(Self {
            actor: params.text("actor").map(str::to_owned),
            act: params.text("act").map(act).transpose()?,
            before: params.text("before").map(place).transpose()?,
        })
    }

    /// At most `limit` acts, with none on queues that the visitor does not see, and the number before which the next page begins.
    ///
    /// # Errors
    /// What the client says.
    pub(crate) async fn read(&self, visit: &Visit, limit: u32) -> Result<(Vec<AuditRecord>, Option<i64>), Fault> {
        let filter =
            AuditFilter { actor: self.actor.clone(), act: self.act, before: self.before, ..AuditFilter::new() };
        let filter = filter.limit(limit);
        let asked = format!("audit {filter:?}");
        let mut acts = visit.shared.live.reading(asked, visit.shared.client.audit(filter)).await?.to_vec();
        let is_full = acts.len() >= limit as usize;
        acts.retain(|act| sees(visit, act));
        // The last that is seen: where a page ends tells nothing of the others.
        let older = acts.last().filter(|_| is_full).map(|last| last.number);
        Ok((acts, older))
    }

    fn is_narrow(&self) -> bool {
        self.actor.is_some() || self.act.is_some()
    }

    /// The first page.
    fn link(&self, visit: &Visit) -> Link {
        let mut link = visit.base.to("/audit");
        if let Some(actor) = &self.actor {
            link = link.query("actor", actor);
        }
        if let Some(act) = self.act {
            link = link.query("act", act.as_str());
        }
        link
    }
}

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let wanted = Wanted::parse(&params)?;
    let pulse = shared.live.pulse().await?;
    let (acts, older) = wanted.read(&visit, ACTS).await?;
    Ok(Html(page(&visit, &pulse, &wanted, &acts, older)))
}

/// Whether the visitor sees the queue that an act was about.
fn sees(visit: &Visit, act: &AuditRecord) -> bool {
    let of_target = match &act.target {
        Target::Queue(queue) => visit.gate.sees(queue),
        // What these are about may be in any queue, and their names may tell which.
        Target::Recurring(_) | Target::Batch(_) | Target::Operation(_) => visit.gate.sees_every_queue(),
        _ => true,
    };
    of_target && act.queue.as_ref().is_none_or(|queue| visit.gate.sees(queue))
}

/// Whether the detail of an act is about what the visitor sees.
pub(crate) fn sees_detail(visit: &Visit, act: &AuditRecord) -> bool {
    let is_known = act.queue.is_some() || matches!(act.target, Target::Queue(_) | Target::Kind(_) | Target::Server(_));
    // A move has another queue in its detail.
    (is_known && act.act != Verb::Move) || visit.gate.on_all(Role::Read, &[])
}

/// The page of what was read, and the number before which the next begins.
pub(crate) fn page(
    visit: &Visit,
    pulse: &Arc<Pulse>,
    wanted: &Wanted,
    acts: &[AuditRecord],
    older: Option<i64>,
) -> Markup {
    let page = Page::new(visit, visit.text().audit.title).at(Place::Audit).pulse(pulse);
    let first = wanted.link(visit);
    let pager = Pager {
        newer: wanted.before.map(|_| first.clone()),
        older: older.map(|number| first.clone().query("before", number)),
    };
    let content = html! {
        (page.heading(html! {}))
        (filters(visit, wanted))
        section.panel { (list(visit, wanted, acts)) (pager.html(visit)) }
    };
    page.html(content)
}

fn filters(visit: &Visit, wanted: &Wanted) -> Markup {
    let (text, jobs) = (&visit.text().audit, &visit.text().jobs);
    html! {
        form.panel.filters role="search" aria-label=(jobs.filters) method="get" action=(visit.base.to("/audit")) {
            div.field {
                label for="f-actor" { (text.who) }
                input #f-actor data-filter name="actor" value=[wanted.actor.as_deref().map(line)] placeholder=(jobs.any) autocomplete="off";
            }
            div.field {
                label for="f-act" { (text.what) }
                select #f-act name="act" {
                    option value="" { (jobs.any) }
                    @for verb in Verb::ALL {
                        option value=(verb.as_str()) selected[wanted.act == Some(verb)] { ((text.verb)(verb)) }
                    }
                }
            }
            div.actions {
                button.main { (jobs.filter) }
                @if wanted.is_narrow() { a.button href=(visit.base.to("/audit")) { (jobs.clear) } }
            }
        }
    }
}

fn list(visit: &Visit, wanted: &Wanted, acts: &[AuditRecord]) -> Markup {
    let text = &visit.text().audit;
    if acts.is_empty() {
        return match wanted.is_narrow() || wanted.before.is_some() {
            true => part::empty(text.none_fits, text.none_fits_how, None),
            false => part::empty(text.empty, text.empty_how, None),
        };
    }
    let columns = [
        Column::words(text.when),
        Column::words(text.who),
        Column::words(text.what),
        Column::words(text.on),
        Column::words(text.reason),
        Column::words(text.detail),
    ];
    let mut table = Table::new(&columns).caption(html! { (text.caption) });
    for act in acts {
        table.row([
            ago(visit, act.at),
            html! { (shown(&act.actor)) div.small.muted { ((text.via)(act.via)) } },
            html! {
                ((text.verb)(act.act))
                @if act.outcome != Acted::Done {
                    div { (badge(Tone::Warn, Icon::Warn, (text.outcome)(act.outcome))) }
                } @else {
                    div.small.muted { ((text.outcome)(act.outcome)) }
                }
            },
            target(visit, act),
            clipped(visit, &act.reason, REASON),
            html! {
                @if let Some(value) = act.detail.as_ref().filter(|_| sees_detail(visit, act)) { (detail(visit, act.number, value)) }
            },
        ]);
    }
    table.html()
}

/// What an act was done to, with a link to it or to the list that it is in.
fn target(visit: &Visit, act: &AuditRecord) -> Markup {
    let text = &visit.text().audit;
    let to = |path| visit.base.to(path);
    let (word, name, link) = match &act.target {
        Target::Job(id) => (text.job, id.to_string(), job::link(&visit.base, *id)),
        Target::Queue(name) => {
            let jobs = Query { queues: vec![name.to_string()], ..Query::of(State::Enqueued) };
            (text.queue, name.to_string(), jobs.link(&visit.base))
        }
        Target::Kind(name) => {
            let jobs = Query { kinds: vec![name.to_string()], ..Query::of(State::Enqueued) };
            (text.kind, name.to_string(), jobs.link(&visit.base))
        }
        Target::Recurring(id) => (text.recurring, id.to_string(), recurring::link(&visit.base, id)),
        Target::Server(id) => (text.server, id.to_string(), to("/servers")),
        Target::Batch(id) => (text.batch, id.to_string(), to("/batches").segment(&id.to_string())),
        Target::Operation(id) => (text.operation, id.to_string(), to("/operations")),
    };
    html! {
        span.muted { (word) } " " a href=(link) { (shown(&name)) }
        @if let Some(queue) = &act.queue { div.small.muted { (visit.text().part.queue) " " (shown(queue)) } }
    }
}

/// What was before and what is after, as JSON.
fn detail(visit: &Visit, number: i64, value: &Value) -> Markup {
    let text = &visit.text().audit;
    let json = |value: &Value| {
        // A value of JSON always has a text.
        let json = serde_json::to_string_pretty(value).unwrap_or_default();
        html! { pre tabindex="0" { (clipped(visit, &json, DETAIL)) } }
    };
    html! {
        details id={ "act-" (number) } {
            summary { (text.detail) }
            @match (value.get("before"), value.get("after")) {
                (None, None) => (json(value)),
                (before, after) => {
                    @if let Some(before) = before { p.small.muted { (text.before) } (json(before)) }
                    @if let Some(after) = after { p.small.muted { (text.after) } (json(after)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_meant_is_named() {
        let parse = |address: &str| Wanted::parse(&Params::parse(address.as_bytes()));
        let wanted = Wanted { actor: Some("ann".into()), act: Some(Verb::Pause), before: Some(-7) };
        assert_eq!(parse("actor=ann&act=pause&before=-7"), Ok(wanted));
        assert_eq!(parse("actor=+&act=&before="), Ok(Wanted::default()));
        for (address, word) in [("act=explode", "`explode`"), ("before=soon", "`soon`")] {
            assert!(matches!(parse(address), Err(Fault::Bad(text)) if text.contains(word)), "{address}");
        }
    }
}
