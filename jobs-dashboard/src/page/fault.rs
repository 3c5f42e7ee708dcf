//! The page that says why there is no page. It reads nothing, so that it is there when the database is not.

use maud::{Markup, html};

use super::{
    layout::Shell,
    part::{clipped, line},
};
use crate::{
    policy::Refusal,
    text::Text,
    web::{Fault, Missing, Settings, Visit},
};

/// The three lines that open a dashboard.
const POLICY: &str = r#"let policy = Policy::basic([("ann", std::env::var("ANN_PASSWORD")?, Role::Admin)])?;
let dashboard = jobs::dashboard::router(&client, policy);
let app = app.nest_service("/jobs", dashboard);"#;

/// So many characters of an error's text are shown.
const LONGEST: usize = 2_000;

/// The page of a fault.
pub(crate) fn fault(settings: &Settings, visit: Option<&Visit>, fault: &Fault) -> Markup {
    let (title, sentence) = words(settings.text(), fault);
    let text = &settings.text().fault;
    let content = html! {
        div.fault {
            p.code { (fault.status().as_u16()) }
            h1 { (title) }
            p { (clipped(settings, &sentence, LONGEST)) }
            @if let Fault::Refused(refusal) = fault {
                @if *refusal != Refusal::NoRole {
                    p.muted { (text.how) }
                    pre { code { (POLICY) } }
                }
            }
            p.actions {
                @if can_pass(fault) { a.button.main href=(settings.base.to(&settings.here)) { (text.again) } }
                @if visit.is_some() { a.button href=(settings.base.to("/")) { (text.home) } }
            }
        }
    };
    Shell { title, visit, place: None, pulse: None }.html(settings, false, content)
}

/// Whether the same page may come later without anything that its visitor does.
fn can_pass(fault: &Fault) -> bool {
    matches!(fault, Fault::Down | Fault::Crowded | Fault::Full | Fault::ReadOnly | Fault::Tables(_))
}

/// Its title, and a sentence on what is wrong.
pub(crate) fn words(text: &Text, fault: &Fault) -> (&'static str, String) {
    let text = &text.fault;
    let plain = |(title, sentence): (&'static str, &'static str)| (title, sentence.to_owned());
    match fault {
        Fault::Challenged(_) => plain(text.challenged),
        Fault::Refused(refusal) => (text.refused.0, (text.refused.1)(*refusal).to_owned()),
        Fault::Forbidden { needs, queue } => {
            (text.forbidden_title, (text.forbidden)(*needs, queue.as_deref().map(line).as_deref()))
        }
        Fault::Foreign => plain(text.foreign),
        Fault::Missing(Missing::Page) => plain(text.missing_page),
        Fault::Missing(Missing::Thing(what)) => (text.missing_thing, what.clone()),
        Fault::Method => plain(text.method),
        Fault::Bad(what) => (text.bad, what.clone()),
        Fault::Conflict(what) => (text.conflict, what.clone()),
        Fault::Untaken(what) => (text.untaken, what.clone()),
        Fault::Unfit(what) => (text.bad, what.clone()),
        Fault::MediaType => plain(text.media_type),
        Fault::TooLarge => plain(text.too_large),
        Fault::Down => plain(text.down),
        Fault::Slow => plain(text.slow),
        Fault::Crowded => plain(text.crowded),
        Fault::Full => plain(text.full),
        Fault::ReadOnly => plain(text.read_only),
        Fault::Tables(None) => (text.tables, text.tables_unknown.to_owned()),
        Fault::Tables(Some(version)) => (text.tables, (text.tables_of)(*version)),
        Fault::Busy => plain(text.busy),
        Fault::Internal => plain(text.internal),
    }
}
