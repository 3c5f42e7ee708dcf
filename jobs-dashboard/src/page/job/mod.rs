//! One job: where it stands and why, what it was given, what has happened to it, and what can be done.

mod args;
mod flow;
mod timeline;
mod why;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    Error, ErrorId, JobId, State, Why,
    storage::{EdgeRecord, EventRecord, JobRecord},
};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    Page, Place,
    flow::Graph,
    jobs,
    jobs::Query,
    part::{self, Confirm, Tone, Topic, ago, clipped, exact, line, region, shown, updates},
    recurring,
};
use crate::{
    act::{Act, Told, WORDS},
    live::Pulse,
    policy::Role,
    shared::Shared,
    web::{Base, Fault, Form, Html, Link, Params, Segment, Visit},
};

/// What is asked about once more before it is done.
const ASKED: [&str; 2] = ["delete", "cancel"];

/// All that a page of a job shows.
pub(crate) struct View {
    pub(crate) why: Why,
    pub(crate) events: Vec<EventRecord>,
    pub(crate) edges: Vec<EdgeRecord>,
    /// The flow, where it waits for something or something waits for it.
    pub(crate) graph: Option<Graph>,
    /// What was typed into the form of the args, and why it was refused.
    pub(crate) refused: Option<Refused>,
}

/// A form that was refused.
pub(crate) struct Refused {
    pub(crate) form: Params,
    pub(crate) why: String,
}

/// Shows it.
pub(crate) async fn show(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(id): Segment,
    params: Params,
) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let view = View::read(&visit, &id).await?.with_flow(&visit).await?;
    Ok(Html(page(&visit, &pulse, &view, Told::of(&params))))
}

impl View {
    /// All but the flow of the job with this id, if the visitor sees its queue.
    ///
    /// # Errors
    /// [`Fault::Bad`] for what is no id; [`Fault::Missing`]; else what the client says.
    pub(crate) async fn read(visit: &Visit, id: &str) -> Result<Self, Fault> {
        let (id, client) = (jobs::id(id)?, &visit.shared.client);
        let why = client.why(id).await?;
        seen(visit, &why.job)?;
        let (events, edges) = (client.job(id).history().await?, client.edges(id).await?);
        Ok(Self { why, events, edges, graph: None, refused: None })
    }

    /// With the flow that it belongs to, if it does.
    async fn with_flow(mut self, visit: &Visit) -> Result<Self, Fault> {
        if !self.edges.is_empty() {
            let id = self.why.job.id;
            self.graph = Some(Graph::of(visit, id.into(), &visit.shared.client.flow(id).await?));
        }
        Ok(self)
    }
}

/// The job that is to be acted on, if the visitor may.
///
/// # Errors
/// [`Fault::Bad`] for what is no id; [`Fault::Missing`]; [`Fault::Forbidden`]; else what the client says.
pub(crate) async fn actable(visit: &Visit, id: &str) -> Result<JobRecord, Fault> {
    let job = visit.shared.client.job(jobs::id(id)?).record().await?;
    seen(visit, &job)?;
    visit.gate.must(Role::Operate, &job.queue)?;
    Ok(job)
}

/// Acts on it.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(id): Segment,
    Form(form): Form,
) -> Result<Response, Fault> {
    let job = actable(&visit, &id).await?;
    if form.text("act") == Some("edit") && Act::of_word("edit", job.state) {
        return edit(&shared, &visit, &job, form).await;
    }
    let act = Act::parse(&form)?;
    if let Some(word) = asked(&form) {
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, &job, word)).into_response());
    }
    let done = act.carry_out(&visit, &job).await?;
    let link = Told::One { done }.extend(link(&visit.base, job.id));
    Ok(Redirect::to(&link.to_string()).into_response())
}

/// Saves args. A form that is refused is shown again, with what was typed.
async fn edit(shared: &Shared, visit: &Visit, job: &JobRecord, form: Params) -> Result<Response, Fault> {
    let done = match Act::parse(&form) {
        Ok(act) => act.carry_out(visit, job).await,
        Err(fault) => Err(fault),
    };
    let (status, why) = match done {
        Ok(true) => {
            let link = Told::One { done: true }.extend(link(&visit.base, job.id));
            return Ok(Redirect::to(&link.to_string()).into_response());
        }
        Ok(false) => (StatusCode::CONFLICT, visit.text().act.too_late.to_owned()),
        Err(Fault::Bad(why)) => (StatusCode::BAD_REQUEST, why),
        Err(fault) => return Err(fault),
    };
    let pulse = shared.live.pulse().await?;
    let view = View {
        refused: Some(Refused { form, why }),
        ..View::read(visit, &job.id.to_string()).await?.with_flow(visit).await?
    };
    Ok((status, Html(page(visit, &pulse, &view, None))).into_response())
}

/// A job in a queue that the visitor does not see is not there.
fn seen(visit: &Visit, job: &JobRecord) -> Result<(), Fault> {
    if visit.gate.sees(&job.queue) { Ok(()) } else { Err(Error::NoJob(job.id).into()) }
}

/// The word of an act that wants an answer first.
fn asked(form: &Params) -> Option<&'static str> {
    let word = form.text("act")?;
    let is_confirmed = form.text("confirmed") == Some("yes");
    ASKED.into_iter().find(|asked| *asked == word && !is_confirmed)
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, job: &JobRecord, word: &'static str) -> Markup {
    let text = &visit.text().act;
    let here = link(&visit.base, job.id);
    let ask = if word == "delete" { text.ask_delete } else { text.ask_cancel };
    let page = Page::new(visit, Act::label(visit.text(), word)).at(Place::Jobs).pulse(pulse);
    let confirm = Confirm {
        action: here.clone(),
        back: here,
        what: shown(&ask(&job.id.to_string())),
        word: Act::label(visit.text(), word),
        tone: Tone::Bad,
        fields: vec![("act", word.to_owned())],
    };
    let content = html! { (page.heading(html! {})) (confirm.html(visit)) };
    page.html(content)
}

/// Where a job is shown.
pub(crate) fn link(base: &Base, id: JobId) -> Link {
    base.to("/jobs").segment(&id.to_string())
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, view: &View, told: Option<Told>) -> Markup {
    let job = &view.why.job;
    let text = &visit.text().job;
    let page = Page::new(visit, (text.title)(&line(&job.kind))).at(Place::Jobs).pulse(pulse);
    let here = link(&visit.base, job.id);
    let content = html! {
        (page.heading(html! { (part::state(visit, job.state)) }))
        p.muted.id { code { (job.id) } }
        @if let Some(told) = told { (told.html(visit)) }
        (updates(visit, Topic::Any, &["job", "flow", "history"]))
        (region("job", html! {
            div.stack {
                (why::html(visit, &view.why))
                (acts(visit, job, &here))
                (progress(visit, job))
            }
        }))
        (region("flow", html! { @if let Some(graph) = &view.graph { (super::flow::html(visit, graph)) } }))
        div.columns {
            div.stack {
                (args::html(visit, job, &here, view.refused.as_ref()))
                (failure(visit, job))
                (output(visit, job))
            }
            div.stack {
                (facts(visit, job))
                (region("history", html! {
                    div.stack {
                        (timeline::html(visit, job, &view.events))
                        (timeline::logs(visit, &view.events))
                    }
                }))
            }
        }
    };
    page.html(content)
}

fn acts(visit: &Visit, job: &JobRecord, here: &Link) -> Markup {
    let text = &visit.text().act;
    if !visit.gate.may_on(Role::Operate, &job.queue) {
        return html! {};
    }
    let fits = |word: &&&str| Act::of_word(word, job.state);
    let label = |word| Act::label(visit.text(), word);
    let field = |word: &'static str, name: &'static str, words: &'static str, kind: &'static str| {
        html! {
            @if Act::of_word(word, job.state) {
                form.inline method="post" action=(here) {
                    div.field {
                        label for={ "act-" (word) } { (words) }
                        input id={ "act-" (word) } type=(kind) name=(name) required;
                    }
                    button name="act" value=(word) { (label(word)) }
                }
            }
        }
    };
    html! {
        section.acts aria-label=(text.acts) {
            form.actions method="post" action=(here) {
                @for word in WORDS[..4].iter().filter(fits) {
                    button .main[*word == "requeue" || *word == "run_now"] name="act" value=(word) { (label(word)) }
                }
            }
            @if WORDS[4..7].iter().any(|word| Act::of_word(word, job.state)) {
                details {
                    summary { (text.more) }
                    div.inlines {
                        (field("reschedule", "due", text.at, "datetime-local"))
                        (field("move", "to_queue", text.to_queue, "text"))
                        (field("prioritize", "priority", text.to_priority, "number"))
                    }
                }
            }
        }
    }
}

fn progress(visit: &Visit, job: &JobRecord) -> Markup {
    html! {
        @if let (Some((fraction, words)), State::Processing) = (&job.progress, job.state) {
            @let done = (fraction.clamp(0.0, 1.0) * 100.0) as u64;
            p { (visit.text().job.progress) ": " (part::progress(done, 100, words)) }
        }
    }
}

fn failure(visit: &Visit, job: &JobRecord) -> Markup {
    let text = &visit.text().job;
    html! {
        @if let Some(reason) = job.reason.as_deref().filter(|_| job.state != State::Succeeded) {
            section.panel aria-labelledby="error-title" {
                header {
                    h2 #error-title { (if job.state == State::Deleted { visit.text().part.reason } else { text.error }) }
                    @if job.state == State::Failed || job.attempt > 0 {
                        @let same = Query { error: Some(ErrorId::of(&job.kind, reason)), kinds: vec![job.kind.clone()], ..Query::of(State::Failed) };
                        a href=(same.link(&visit.base)) { (text.same_error) }
                    }
                }
                div.body { pre tabindex="0" { (clipped(visit, reason, 20_000)) } }
            }
        }
    }
}

fn output(visit: &Visit, job: &JobRecord) -> Markup {
    let value = visit.shared.client.output_json(job);
    html! {
        @if job.state == State::Succeeded && job.output.is_some() {
            section.panel aria-labelledby="output-title" {
                header { h2 #output-title { (visit.text().job.output) } }
                div.body {
                    @match &value {
                        Ok(Value::Null) => p.muted { "()" },
                        Ok(value) => pre tabindex="0" { (clipped(visit, &args::pretty(value), 20_000)) },
                        Err(error) => p.muted { (visit.text().job.unreadable) " " (clipped(visit, &error.to_string(), 500)) },
                    }
                }
            }
        }
    }
}

fn facts(visit: &Visit, job: &JobRecord) -> Markup {
    let (text, part) = (&visit.text().job, &visit.text().part);
    let fact = |name: &'static str, value: Markup| html! { dt { (name) } dd { (value) } };
    let of_queue = Query { queues: vec![job.queue.clone()], ..Query::of(job.state) };
    let of_kind = Query { kinds: vec![job.kind.clone()], ..Query::of(job.state) };
    html! {
        section.panel aria-labelledby="facts-title" {
            header { h2 #facts-title { (text.facts) } }
            dl.facts {
                (fact(part.kind, html! { a href=(of_kind.link(&visit.base)) { (shown(&job.kind)) } }))
                (fact(part.queue, html! { a href=(of_queue.link(&visit.base)) { (shown(&job.queue)) } }))
                (fact(text.priority, html! { (job.priority) }))
                (fact(text.attempts, html! { ((text.attempts_of)(job.attempt.into(), job.max_attempts.into())) }))
                @if job.crashes > 0 { (fact(text.crashes, html! { (visit.lang.count(job.crashes.into())) })) }
                (fact(visit.text().jobs.created, exact(job.created_at)))
                (fact(visit.text().jobs.due, html! { (exact(job.due_at)) " · " (ago(visit, job.due_at)) }))
                @if let Some(timeout) = job.timeout { (fact(text.timeout, part::span(visit, timeout))) }
                @if let Some(at) = job.expires_at { (fact(text.expires, exact(at))) }
                @if let Some(retain) = job.retain { (fact(text.retain, part::span(visit, retain))) }
                @if let Some(server) = job.server { (fact(text.server, html! { code { (server) } })) }
                @if let Some((id, at)) = &job.recurring {
                    (fact(text.recurring, html! { a href=(recurring::link(&visit.base, id)) { (shown(id)) } " · " (exact(*at)) }))
                }
                @if let Some(batch) = job.batch { (fact(text.batch, flow::node(visit, batch.into()))) }
                @if !job.tags.is_empty() {
                    (fact(text.tags, html! { @for tag in &job.tags { span.tag { (shown(tag)) } " " } }))
                }
                @if !job.meta.is_empty() {
                    (fact(text.meta, html! {
                        dl.facts.inner { @for (name, value) in &visit.shared.client.meta_shown(job) { dt { (shown(name)) } dd { (clipped(visit, value, 500)) } } }
                    }))
                }
            }
        }
    }
}
