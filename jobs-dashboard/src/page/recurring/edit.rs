//! The edit of a schedule: what is typed is checked and shown as it would be, before it is stored.

use std::sync::Arc;

use jobs_runtime::storage::{Owner, RecurringRecord};
use jobs_schedule::{Cron, parse_zone};
use maud::{Markup, html};

use super::{
    Act, link,
    times::{NEXT, When, schedule},
};
use crate::{
    act::Told,
    live::Pulse,
    page::{
        Page, Place,
        part::{self, Confirm, Icon, Tone, line},
    },
    web::{Params, Visit},
};

/// The longest expression or zone that is taken, in characters: longer expressions are none.
const LONGEST: usize = 1_000;

/// What somebody has typed, and what is wrong with it.
pub(crate) struct Typed {
    cron: String,
    zone: String,
    cron_fault: Option<String>,
    zone_fault: Option<String>,
}

impl Typed {
    /// What stands in the address; `None` where nothing was typed yet.
    pub(crate) fn of(params: &Params) -> Option<Self> {
        let cut = |name: &str| params.all(name).next().map(|text| part::field(text.trim(), LONGEST));
        let (cron, zone) = (cut("cron"), cut("zone"));
        if cron.is_none() && zone.is_none() {
            return None;
        }
        let (cron, zone) = (cron.unwrap_or_default(), zone.unwrap_or_default());
        let cron_fault = Cron::parse(&cron).err().map(|error| line(&error.to_string()));
        let zone_fault = parse_zone(&zone).err().map(|error| line(&error.to_string()));
        Some(Self { cron, zone, cron_fault, zone_fault })
    }
}

/// The page of the edit, with a preview of what was typed.
pub(crate) fn page(
    visit: &Visit,
    pulse: &Arc<Pulse>,
    job: &RecurringRecord,
    typed: Option<&Typed>,
    told: Option<Told>,
) -> Markup {
    let text = &visit.text().schedule;
    let page = Page::new(visit, (text.edit_title)(&line(&job.spec.id))).at(Place::Recurring).pulse(pulse);
    let owner = match job.spec.owner {
        Owner::Code => text.code_owns,
        Owner::Runtime => text.runtime_owns,
    };
    let content = html! {
        (page.heading(html! { a href=(link(&visit.base, &job.spec.id)) { (visit.text().part.back) } }))
        @if told == Some(Told::One { done: false }) {
            div.notice role="status" { (Icon::Warn) " " (text.changed_meanwhile) }
        }
        p { span.muted { (text.owner) ": " } (owner) }
        (form(visit, job, typed))
        @if let Some(typed) = typed { (preview(visit, job, typed)) }
    };
    page.html(content)
}

fn form(visit: &Visit, job: &RecurringRecord, typed: Option<&Typed>) -> Markup {
    let text = &visit.text().schedule;
    let id = &job.spec.id;
    let shown = |typed: Option<&String>, stored: &str| typed.cloned().unwrap_or_else(|| part::field(stored, LONGEST));
    let field = |name: &'static str, label: &str, value: String, hint: &str, fault: Option<&String>| {
        let (of_hint, of_fault) = (format!("{name}-hint"), format!("{name}-fault"));
        let described = if fault.is_some() { format!("{of_fault} {of_hint}") } else { of_hint.clone() };
        html! {
            div.field {
                label for={ "edit-" (name) } { (label) }
                input id={ "edit-" (name) } name=(name) value=(value) required maxlength=(LONGEST) autocomplete="off" autocapitalize="off"
                    spellcheck="false" aria-describedby=(described) aria-invalid=[fault.map(|_| "true")];
                @if let Some(fault) = fault { span.reason id=(of_fault) { (Icon::Failed) " " (fault) } }
                span.muted.small id=(of_hint) { (hint) }
            }
        }
    };
    let (cron, zone) = (typed.map(|typed| &typed.cron), typed.map(|typed| &typed.zone));
    html! {
        form.panel method="get" action=(link(&visit.base, id)) {
            div.body {
                // A form that is sent by the address loses what stood behind the question mark.
                @if super::is_query(id) { input type="hidden" name="id" value=(id); }
                input type="hidden" name="edit" value="yes";
                (field("cron", visit.text().recurring.schedule, shown(cron, &job.spec.cron), text.edit_hint,
                    typed.and_then(|typed| typed.cron_fault.as_ref())))
                (field("zone", text.zone, shown(zone, &job.spec.zone), text.zone_hint,
                    typed.and_then(|typed| typed.zone_fault.as_ref())))
                div.actions { button { (text.preview) } }
            }
        }
    }
}

/// What would be stored. Nothing, where it cannot be meant: then the fields say why.
fn preview(visit: &Visit, job: &RecurringRecord, typed: &Typed) -> Markup {
    let text = &visit.text().schedule;
    let spec = &job.spec;
    let Some(when) = When::of(&typed.cron, &typed.zone) else { return html! {} };
    if (&*typed.cron, &*typed.zone) == (&*spec.cron, &*spec.zone) {
        return html! { p.notice role="status" { (text.unchanged) } };
    }
    let runs = when.after(visit.now, NEXT);
    let confirm = Confirm {
        action: link(&visit.base, &spec.id),
        back: link(&visit.base, &spec.id),
        what: html! {
            dl.facts.inner {
                dt { (text.before) } dd { (schedule(visit, &spec.cron, &spec.zone)) }
                dt { (text.after) } dd { (schedule(visit, &typed.cron, &typed.zone)) }
            }
        },
        word: text.store,
        tone: Tone::Good,
        // What was shown, so that a change in between is not lost.
        fields: vec![
            ("act", Act::Alter.word().to_owned()),
            ("cron", typed.cron.clone()),
            ("zone", typed.zone.clone()),
            ("was_cron", spec.cron.clone()),
            ("was_zone", spec.zone.clone()),
        ],
    };
    html! {
        section.panel aria-labelledby="preview-title" {
            header { h2 #preview-title { (text.preview_title) } }
            @if when.is_often(&runs) { div.body { p.warned role="status" { (Icon::Warn) " " (text.often) } } }
            (when.table(visit, &runs))
        }
        (confirm.html(visit))
    }
}
