//! The outermost layer: it knows the visitor's taste, makes pages or problems of faults, and sets the headers of every answer.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tower_http::csrf::ProtectionError;

use super::{Face, Fault, Html, Settings, Visit, headers};
use crate::{api, page, policy, shared::Shared};

/// Answers a request whatever happens inside.
pub(crate) async fn framed(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let settings = Settings::of(&shared, &parts);
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(settings.clone());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| {
        tracing::error!(path = settings.here, "a page of the dashboard panicked");
        Fault::Internal.into_response()
    });
    if let Some(fault) = fault(settings.face, &response) {
        let fault = shared.live.examined(fault).await;
        let visit = response.extensions_mut().remove::<Visit>();
        // The path alone decides the form, so that a program gets a problem whatever has gone wrong, and whatever it accepts.
        let answer = match settings.face {
            Face::Page => Html(page::fault(&settings, visit.as_ref(), &fault)).into_response(),
            Face::Api => api::problem(&settings, &fault),
        };
        let (head, body) = answer.into_parts();
        *response.body_mut() = body;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(head.headers);
    }
    headers::set(response.headers_mut());
    response
}

/// Among an answer's extensions: it is for a program, and no page is made of it whatever its status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsItIs;

/// What is wrong with an answer that is not a page or a problem yet.
fn fault(face: Face, response: &Response) -> Option<Fault> {
    let extensions = response.extensions();
    if extensions.get::<AsItIs>().is_some() {
        return None;
    }
    if let Some(fault) = extensions.get::<Fault>() {
        return Some(fault.clone());
    }
    if extensions.get::<ProtectionError>().is_some() {
        return Some(Fault::Foreign);
    }
    let is_refused = face == Face::Api && response.status().is_client_error();
    let unread = || is_refused.then(|| Fault::Bad("the request cannot be read".to_owned()));
    Fault::of_status(response.status()).or_else(unread)
}

/// Before the check against forged requests: a program that proves itself by a token and has no cookie cannot be made to act by a
/// page of another site, because no browser adds the token by itself. Without these headers the check lets it pass. Where no policy asks
/// for a token one proves nothing.
pub(crate) async fn guarded(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if shared.policy.takes_tokens() && is_program(request.headers()) {
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().remove("sec-fetch-site");
    }
    next.run(request).await
}

fn is_program(headers: &HeaderMap) -> bool {
    policy::bearer(headers).is_some() && !headers.contains_key(header::COOKIE)
}
