//! The question before an operation: how many jobs it is about, and what is to be done to them.

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::storage::{BulkAct, Due, Matching};
use maud::{Markup, html};

use super::filter;
use crate::{
    act::{Act, Told, operator},
    live::Pulse,
    page::{Page, Place, jobs::Query},
    policy::Role,
    shared::Shared,
    text::MANY,
    web::{Fault, Form, Html, Params, Visit},
};

/// What can be done to all, by words of [`Act`].
const ACTS: [&str; 6] = ["requeue", "run_now", "delete", "cancel", "move", "prioritize"];

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let query = Query::parse(&params)?;
    allowed(&visit, &query)?;
    let pulse = shared.live.pulse().await?;
    let matching = shared.client.matching(query.filter()).await?;
    Ok(Html(page(&visit, &pulse, &query, matching)))
}

/// Begins it.
pub(crate) async fn begin(visit: Visit, Form(form): Form) -> Result<Response, Fault> {
    let query = Query::parse(&form)?;
    allowed(&visit, &query)?;
    let act = bulk(&visit, &query, &form)?;
    let expected = form.number("matching", 0..=u32::MAX, 0);
    if i64::from(expected) >= MANY && form.number("confirmed", 0..=u32::MAX, 0) != expected {
        return Err(Fault::Bad((visit.text().operations.wrong_count)(expected.into())));
    }
    operator(&visit, form.text("reason").unwrap_or_default()).begin(query.filter(), act).await?;
    let link = match visit.gate.may(Place::Operations.right()) {
        true => visit.base.to("/operations"),
        // Who acts on one queue does not see what others do, but that it was begun.
        false => Told::One { done: true }.extend(query.link(&visit.base)),
    };
    Ok(Redirect::to(&link.to_string()).into_response())
}

/// Whether the visitor may act on all that a filter is about.
///
/// # Errors
/// [`Fault::Forbidden`] where not.
pub(crate) fn allowed(visit: &Visit, query: &Query) -> Result<(), Fault> {
    match visit.gate.on_all(Role::Admin, &query.queues) {
        true => Ok(()),
        false => Err(Fault::Forbidden { needs: Role::Admin, queue: query.queues.first().cloned() }),
    }
}

/// What a form, or a program in its words, asks to be done to all jobs of a filter.
///
/// # Errors
/// [`Fault::Bad`] for an act that is none, that no job in this state takes, and for a field that is missing or cannot be read;
/// [`Fault::Forbidden`] for a queue that the visitor may move no job to.
pub(crate) fn bulk(visit: &Visit, query: &Query, form: &Params) -> Result<BulkAct, Fault> {
    let word = form.text("act").unwrap_or_default();
    if ACTS.contains(&word) && !Act::of_word(word, query.state) {
        let state = query.state;
        return Err(Fault::Bad(format!("no job that is {state} takes `{word}`; choose another state or act")));
    }
    let missing = |name: &str| Fault::Bad(format!("the field `{name}` is empty"));
    Ok(match word {
        "requeue" => BulkAct::Requeue,
        "run_now" => BulkAct::Reschedule(Due::Now),
        "delete" => BulkAct::Delete,
        "cancel" => BulkAct::Cancel,
        "move" => {
            let queue = form.text("to_queue").ok_or_else(|| missing("to_queue"))?;
            visit.gate.must(Role::Operate, queue)?;
            BulkAct::Move { queue: queue.into() }
        }
        "prioritize" => BulkAct::Prioritize(form.value("priority").ok_or_else(|| missing("priority"))?),
        _ => return Err(Fault::Bad(format!("`act` is none of {}", ACTS.join(", ")))),
    })
}

fn page(visit: &Visit, pulse: &Arc<Pulse>, query: &Query, matching: Matching) -> Markup {
    let text = &visit.text().operations;
    let page = Page::new(visit, text.new).at(Place::Operations).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        section.panel {
            div.body {
                (filter(visit, &query.filter()))
                p { b { (count(visit, matching)) } }
                p.muted { (text.how) }
            }
        }
        @if matching.jobs > 0 { (form(visit, query, matching)) }
        @else { p { a.button href=(query.link(&visit.base)) { (text.to_jobs) } } }
    };
    page.html(content)
}

fn count(visit: &Visit, matching: Matching) -> String {
    let text = &visit.text().operations;
    match matching {
        Matching { jobs: 0, is_exact: true, .. } => text.matching_none.to_owned(),
        Matching { jobs, is_exact: true, .. } => (text.matching)(jobs),
        Matching { jobs, looked, .. } => (text.matching_least)(jobs, looked),
    }
}

fn form(visit: &Visit, query: &Query, matching: Matching) -> Markup {
    let (text, part, acts) = (&visit.text().operations, &visit.text().part, &visit.text().act);
    let fitting: Vec<_> = ACTS.into_iter().filter(|word| Act::of_word(word, query.state)).collect();
    let has = |word| fitting.contains(&word);
    html! {
        form.panel method="post" action=(visit.base.to("/operations")) {
            @for (name, value) in query.fields() { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="matching" value=(matching.jobs);
            div.body {
                fieldset {
                    legend { (text.what) }
                    @for word in &fitting {
                        label.choice { input type="radio" name="act" value=(word) required; " " (Act::label(visit.text(), word)) }
                    }
                }
                @if has("move") {
                    div.field { label for="to-queue" { (acts.to_queue) } input #to-queue name="to_queue" autocomplete="off"; }
                }
                @if has("prioritize") {
                    div.field { label for="priority" { (acts.to_priority) } input #priority name="priority" type="number" min="-32768" max="32767"; }
                }
                div.field {
                    label for="reason" { (part.reason) }
                    input #reason name="reason" maxlength="500" autocomplete="off" aria-describedby="reason-hint";
                    span #reason-hint.muted.small { (part.reason_hint) }
                }
                @if matching.jobs >= MANY {
                    div.field {
                        label for="confirmed" { ((text.confirm_count)(matching.jobs)) }
                        input #confirmed name="confirmed" inputmode="numeric" pattern=(matching.jobs) required autocomplete="off";
                    }
                }
                div.actions {
                    button.danger { (text.begin) }
                    a.button href=(query.link(&visit.base)) { (text.to_jobs) }
                }
            }
        }
    }
}
