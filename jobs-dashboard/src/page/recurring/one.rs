//! One recurring job: when it fires and has fired, whose it is, and what can be done.

use std::sync::Arc;

use jobs_runtime::{
    JobId,
    storage::{JobRecord, Owner, RecurringRecord, RecurringRun},
};
use jobs_schedule::{Misfire, Overlap};
use maud::{Markup, html};

use super::{
    Act, link, state,
    times::{NEXT, When, schedule},
};
use crate::{
    act::Told,
    live::Pulse,
    page::{
        Page, Place, job,
        jobs::Query,
        part::{self, Column, Icon, Table, Tone, Topic, ago, badge, exact, line, region, shown, updates},
    },
    policy::Role,
    web::{Link, Visit},
};

/// So many runs are listed.
pub(crate) const RUNS: u32 = 20;

/// All that the page shows.
pub(crate) struct View {
    pub(crate) job: RecurringRecord,
    /// The newest runs that the visitor may see.
    pub(crate) runs: Vec<(RecurringRun, Option<JobRecord>)>,
    /// All runs that are known were read, and the last is not among them.
    pub(crate) is_last_gone: bool,
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, view: &View, told: Option<Told>) -> Markup {
    let (text, job) = (&visit.text().schedule, &view.job);
    let page = Page::new(visit, (text.title)(&line(&job.spec.id))).at(Place::Recurring).pulse(pulse);
    let content = html! {
        (page.heading(html! { a href=(visit.base.to("/recurring")) { (visit.text().recurring.title) } }))
        @if let Some(told) = told { (told.notice(visit, visit.text().recurring.too_late)) }
        (updates(visit, Topic::Any, &["recurring-state", "recurring-next", "recurring-runs"]))
        (region("recurring-state", html! {
            div.stack {
                section.panel aria-label=(visit.text().recurring.state) { div.body { div { (state(visit, job)) } (schedule(visit, &job.spec.cron, &job.spec.zone)) } }
                (edited(visit, job))
                (acts(visit, job))
            }
        }))
        section.panel aria-labelledby="next-title" {
            header { h2 #next-title { (visit.text().recurring.next) } }
            (region("recurring-next", next(visit, job)))
        }
        div.columns {
            (facts(visit, job))
            section.panel aria-labelledby="runs-title" {
                header { h2 #runs-title { (text.runs) } }
                (region("recurring-runs", runs(visit, view)))
            }
        }
    };
    page.html(content)
}

/// What the code says, where an operator says something else.
fn edited(visit: &Visit, job: &RecurringRecord) -> Markup {
    let text = &visit.text().schedule;
    html! {
        @if let Some((cron, zone)) = &job.of_code {
            section.panel aria-label=(text.edited) {
                div.body {
                    p { (badge(Tone::Info, Icon::Audit, text.edited)) " " (text.edited_how) }
                    div { span.muted { (text.code_says) ":" } (schedule(visit, cron, zone)) }
                }
            }
        }
    }
}

fn acts(visit: &Visit, job: &RecurringRecord) -> Markup {
    let text = &visit.text().schedule;
    let here = link(&visit.base, &job.spec.id);
    html! {
        @if visit.gate.may_on(Role::Operate, &job.spec.template.queue) {
            form.actions method="post" action=(here) aria-label=(visit.text().act.acts) {
                @for act in Act::fitting(job) {
                    button.main[act == Act::Run] name="act" value=(act.word()) { (act.label(visit)) }
                }
                a.button href=(here.query("edit", "yes")) { (text.edit) }
            }
        }
    }
}

fn next(visit: &Visit, job: &RecurringRecord) -> Markup {
    let text = &visit.text().schedule;
    let Some(first) = job.next_at.filter(|_| !job.orphaned) else {
        return html! { p.empty { (text.none_to_come) } };
    };
    let Some(when) = When::of(&job.spec.cron, &job.spec.zone) else {
        return html! { p.empty { (text.unreadable) } };
    };
    // The next time is the stored one; those after it follow from the schedule.
    let times: Vec<_> = std::iter::once(first).chain(when.after(first, NEXT - 1)).collect();
    html! {
        @if job.pause.is_some() { p.notice { (text.paused_to_come) } }
        (when.table(visit, &times))
    }
}

fn facts(visit: &Visit, job: &RecurringRecord) -> Markup {
    let (text, part) = (&visit.text().schedule, &visit.text().part);
    let spec = &job.spec;
    let template = &spec.template;
    let fact = |name: &'static str, value: Markup| html! { dt { (name) } dd { (value) } };
    let of_kind = Query { kinds: vec![line(&template.kind)], ..Query::of(jobs_runtime::State::Enqueued) };
    let of_queue = Query { queues: vec![line(&template.queue)], ..Query::of(jobs_runtime::State::Enqueued) };
    let misfire = match spec.misfire {
        Misfire::Once => text.misfire_once.to_owned(),
        Misfire::Skip => text.misfire_skip.to_owned(),
        Misfire::All { cap } => (text.misfire_all)(cap.into()),
    };
    let overlap = match spec.overlap {
        Overlap::Allow => text.overlap_allow,
        Overlap::Skip => text.overlap_skip,
    };
    let owner = match spec.owner {
        Owner::Code => text.code_owns,
        Owner::Runtime => text.runtime_owns,
    };
    html! {
        section.panel aria-labelledby="facts-title" {
            header { h2 #facts-title { (text.facts) } }
            dl.facts {
                (fact(text.owner, html! { (owner) }))
                (fact(part.kind, html! { a href=(of_kind.link(&visit.base)) { (shown(&template.kind)) } }))
                (fact(part.queue, html! { a href=(of_queue.link(&visit.base)) { (shown(&template.queue)) } }))
                (fact(visit.text().job.priority, html! { (template.priority) }))
                (fact(visit.text().job.attempts, html! { (visit.lang.count(template.max_attempts.into())) }))
                (fact(text.misfire, html! { (misfire) }))
                (fact(text.overlap, html! { (overlap) }))
            }
        }
    }
}

fn runs(visit: &Visit, view: &View) -> Markup {
    let text = &visit.text().schedule;
    let columns = [
        Column::words(text.run_of),
        Column::words(visit.text().jobs.job),
        Column::words(visit.text().recurring.state),
        Column::words(text.took),
    ];
    let mut table = Table::new(&columns).caption(html! { (text.runs_caption) });
    for (run, record) in &view.runs {
        table.row([
            html! { (ago(visit, run.at)) @if run.is_by_hand() { div.small.muted { (text.by_hand) } } },
            match record {
                Some(record) => html! { a.id href=(job_link(visit, record.id)) { (record.id) } },
                None => html! { span.muted { (text.removed) } },
            },
            html! { @if let Some(record) = record { (part::state(visit, record.state)) } },
            took(visit, record.as_ref()),
        ]);
    }
    // The definition remembers its last run longer than its job is kept.
    if let Some(at) = view.job.last_at
        && view.is_last_gone
    {
        let nothing = || html! { span.muted { "\u{2013}" } };
        table.row([ago(visit, at), html! { span.muted { (text.removed) } }, nothing(), nothing()]);
    }
    if table.is_empty() {
        return html! { p.empty { (text.no_runs) } };
    }
    table.html()
}

fn job_link(visit: &Visit, id: JobId) -> Link {
    job::link(&visit.base, id)
}

fn took(visit: &Visit, record: Option<&JobRecord>) -> Markup {
    let span = record.and_then(|record| record.started_at.zip(record.finished_at));
    match span {
        Some((start, end)) => part::span(visit, end.duration_since(start).unsigned_abs()),
        None => match record.and_then(|record| record.started_at) {
            Some(start) => html! { (exact(start)) },
            None => html! { span.muted { "\u{2013}" } },
        },
    }
}
