//! The args of a job by name, and the form to edit them.

use jobs_runtime::{Error, storage::JobRecord};
use maud::{Markup, html};
use serde_json::Value;

use super::Refused;
use crate::{
    act::{ARG, Act},
    page::part::{Icon, Tone, badge, clipped},
    policy::Role,
    web::{Link, Visit},
};

/// So many characters of a value are shown, and of why a form was refused.
const VALUE: usize = 20_000;
const REASON: usize = 1_000;
/// What the client gives in place of a secret.
const REDACTED: &str = "[redacted]";

/// The panel.
pub(super) fn html(visit: &Visit, job: &JobRecord, action: &Link, refused: Option<&Refused>) -> Markup {
    let text = &visit.text().job;
    let args = visit.shared.client.args_json(job);
    let may_edit = Act::of_word("edit", job.state) && visit.gate.may_on(Role::Operate, &job.queue);
    html! {
        section.panel aria-labelledby="args-title" {
            header { h2 #args-title { (text.args) } }
            @if let Some(refused) = refused {
                div.body { p #refused.notice role="alert" { (badge(Tone::Bad, Icon::Warn, text.refused)) " " (clipped(visit, &refused.why, REASON)) } }
            }
            @match &args {
                Ok(Value::Object(args)) if args.is_empty() => { div.body { p.muted { (text.no_args) } } }
                Ok(Value::Object(args)) => {
                    dl.facts { @for (name, value) in args { (fact(visit, name, value)) } }
                    @if may_edit { (form(visit, job, action, args, refused)) }
                }
                Ok(other) => { div.body { pre tabindex="0" { (clipped(visit, &pretty(other), VALUE)) } } }
                Err(error) => { div.body { p.muted { (text.unreadable) " " (clipped(visit, &told(error), 500)) } } }
            }
        }
    }
}

/// What the client says of args that it cannot read is about this program and this job: nothing that a visitor may not know.
fn told(error: &Error) -> String {
    error.to_string()
}

fn fact(visit: &Visit, name: &str, value: &Value) -> Markup {
    let text = pretty(value);
    html! {
        dt { code { (clipped(visit, name, 100)) } }
        dd { @if text.contains('\n') { pre tabindex="0" { (clipped(visit, &text, VALUE)) } } @else { code { (clipped(visit, &text, VALUE)) } } }
    }
}

/// Whether something was left out of a value, at any depth.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(has_secret),
        Value::Object(fields) => fields.values().any(has_secret),
        value => value == REDACTED,
    }
}

/// The form to edit them. What was typed into one that was refused stays in it, but for secrets.
fn form(
    visit: &Visit,
    job: &JobRecord,
    action: &Link,
    args: &serde_json::Map<String, Value>,
    refused: Option<&Refused>,
) -> Markup {
    let text = &visit.text().job;
    let typed = |field: &str| refused.and_then(|refused| refused.form.text(field));
    let kept = |name: &str, value: &Value| match typed(&format!("{ARG}{name}")) {
        Some(typed) if !has_secret(value) => typed.to_owned(),
        _ => pretty(value),
    };
    html! {
        details.body open[refused.is_some()] {
            summary { (text.edit_args) }
            form method="post" action=(action) {
                input type="hidden" name="fence" value=(job.fence.to_string());
                p.muted.small { (text.edit_hint) }
                @for (index, (name, value)) in args.iter().enumerate() {
                    div.field {
                        label for={ "arg-" (index) } { (clipped(visit, name, 100)) }
                        @let value = kept(name, value);
                        textarea id={ "arg-" (index) } name={ (ARG) (name) } rows=(rows(&value)) spellcheck="false"
                            aria-describedby=[refused.map(|_| "refused")] { "\n" (value) }
                    }
                }
                div.field {
                    label for="edit-reason" { (visit.text().part.reason) }
                    input #edit-reason name="reason" value=[typed("reason")] maxlength="500" autocomplete="off";
                }
                div.actions { button.main name="act" value="edit" { (Act::label(visit.text(), "edit")) } }
            }
        }
    }
}

fn rows(text: &str) -> usize {
    text.lines().count().clamp(1, 12)
}

/// A value as people read it.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
