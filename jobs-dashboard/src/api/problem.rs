//! What goes wrong, as RFC 9457 has it. The frame makes one of every fault under `/api`, whoever has made that fault.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    page,
    policy::Refusal,
    text::Lang,
    web::{Fault, Missing, Settings},
};

/// So many characters of what is wrong are told.
const LONGEST: usize = 2_000;

/// Why a request was not answered as it was meant.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What sort of problem it is, as a URN that stays the same: `urn:jobs:state`, for one.
    r#type: &'static str,
    /// The same in a few words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this request, and what to do about it.
    detail: String,
    /// The path that was asked for.
    instance: String,
}

/// The answer's body and what it is said to be.
pub(crate) fn problem(settings: &Settings, fault: &Fault) -> Response {
    let (title, sentence) = page::fault_words(Lang::English.text(), fault);
    let path = settings.here.split('?').next().unwrap_or_default();
    let problem = Problem {
        r#type: sort(fault),
        title,
        status: fault.status().as_u16(),
        detail: detail(fault).map_or_else(|| clipped(&sentence), str::to_owned),
        instance: settings.base.to(path).to_string(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

/// As much as people read: a caller's own text may be in it.
fn clipped(text: &str) -> String {
    let mut kept: String = text.chars().take(LONGEST).collect();
    if kept.len() < text.len() {
        kept.push('\u{2026}');
    }
    kept
}

/// The sort of a problem. Programs tell them apart by these words: they never change.
fn sort(fault: &Fault) -> &'static str {
    match fault {
        Fault::Challenged(_) => "urn:jobs:sign-in",
        Fault::Refused(_) => "urn:jobs:no-access",
        Fault::Forbidden { .. } => "urn:jobs:forbidden",
        Fault::Foreign => "urn:jobs:cross-site",
        Fault::Missing(Missing::Page) => "urn:jobs:no-route",
        Fault::Missing(Missing::Thing(_)) => "urn:jobs:not-found",
        Fault::Method => "urn:jobs:method",
        Fault::Bad(_) => "urn:jobs:bad-request",
        Fault::Conflict(_) => "urn:jobs:changed",
        Fault::Untaken(_) => "urn:jobs:state",
        Fault::Unfit(_) => "urn:jobs:bad-body",
        Fault::MediaType => "urn:jobs:media-type",
        Fault::TooLarge => "urn:jobs:too-large",
        Fault::Down | Fault::Busy => "urn:jobs:unavailable",
        Fault::Slow => "urn:jobs:too-slow",
        Fault::Crowded => "urn:jobs:too-many-requests",
        Fault::Full => "urn:jobs:full",
        Fault::ReadOnly => "urn:jobs:read-only",
        Fault::Tables(_) => "urn:jobs:tables",
        Fault::Internal => "urn:jobs:internal",
    }
}

/// What programs are told where the words of the page would be about pages.
fn detail(fault: &Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Challenged(_) => "send the header `authorization` that the policy of this dashboard asks for",
        Fault::Refused(Refusal::NoRole) => "the policy of this dashboard gives this caller no role",
        Fault::Foreign => {
            "a browser sent this from a page of another site; programs send a token in the header `authorization` and no cookie"
        }
        Fault::Missing(Missing::Page) => "the API has no such path; GET /api/v1/openapi.json lists all of them",
        Fault::Method => "the path is there for another method; the header `allow` names it",
        Fault::MediaType => {
            "the body is JSON, with the header `content-type: application/json`; `{}` where nothing is to be said"
        }
        Fault::TooLarge => "a body has at most 256 KiB",
        Fault::Slow => {
            "the database was asked for longer than a request may take; ask for less: fewer days, one queue, one kind"
        }
        Fault::Crowded => {
            "more is asked of this dashboard than it may take from the workers; `retry-after` says when to try again"
        }
        Fault::Down => "the database does not answer; try again soon",
        _ => return None,
    })
}
