//! One request of one visitor: what every page needs to know of it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use jobs_runtime::storage::Via;
use maud::Markup;

use super::{Base, Fault, cookie::cookie};
use crate::{
    gate::Gate,
    page::part::Topic,
    shared::Shared,
    text::{Lang, Text},
};

/// The cookie of the theme.
pub(crate) const THEME_COOKIE: &str = "jobs_theme";
/// The cookie of the language.
pub(crate) const LANGUAGE_COOKIE: &str = "jobs_lang";

/// Dark or light, where the visitor has chosen; else the operating system decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// Its word in the cookie, the form and the page.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == word)
    }
}

/// Who is answered: people who look at pages, or programs that call the API. The path decides, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Page,
    Api,
}

impl Face {
    fn of(path: &str) -> Self {
        match path.strip_prefix("/api") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::Api,
            _ => Self::Page,
        }
    }

    /// From where an act comes, for the audit.
    pub(crate) fn via(self) -> Via {
        match self {
            Self::Page => Via::Page,
            Self::Api => Via::Api,
        }
    }
}

/// How a visitor likes pages, and where they begin: known of everybody, before anybody is let in.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) shared: Shared,
    pub(crate) face: Face,
    pub(crate) base: Base,
    pub(crate) lang: Lang,
    pub(crate) theme: Option<Theme>,
    /// The path and query within the dashboard, to come back to.
    pub(crate) here: String,
    /// What had changed how often before anything was read for this page.
    pub(crate) versions: [u64; Topic::TOLD.len()],
    /// This process's clock, for ages on the page. What is due or alive, the database has said.
    pub(crate) now: Timestamp,
}

impl Settings {
    pub(super) fn of(shared: &Shared, parts: &Parts) -> Self {
        let chosen = cookie(&parts.headers, LANGUAGE_COOKIE).and_then(Lang::parse);
        Self {
            shared: shared.clone(),
            face: Face::of(parts.uri.path()),
            base: Base::of(parts, shared.forwarded_prefix),
            lang: chosen.unwrap_or_else(|| accepted(&parts.headers)),
            theme: cookie(&parts.headers, THEME_COOKIE).and_then(Theme::parse),
            here: here(parts),
            versions: shared.live.versions(),
            now: Timestamp::now(),
        }
    }

    /// The words of the visitor's language.
    pub(crate) fn text(&self) -> &'static Text {
        self.lang.text()
    }
}

/// The path and query, without the word on what the last act did: that is told once.
fn here(parts: &Parts) -> String {
    let whole = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some((path, query)) = whole.split_once('?') else { return whole.to_owned() };
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.starts_with("told=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn accepted(headers: &HeaderMap) -> Lang {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map_or(Lang::English, Lang::accepted)
}

/// A visitor who has passed the gate of the route: the only way for a handler to have one.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) settings: Settings,
    pub(crate) gate: Gate,
}

impl std::ops::Deref for Visit {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        // Without a gate before it a route has no visitor, so that one which was forgotten fails for everybody.
        parts.extensions.get::<Self>().cloned().ok_or(Fault::Internal)
    }
}

#[cfg(test)]
impl Visit {
    /// A visitor of the root, who reads English.
    pub(crate) fn for_tests(shared: &Shared, access: crate::Access) -> Self {
        let (parts, ()) = axum::http::Request::new(()).into_parts();
        Self { settings: Settings::of(shared, &parts), gate: Gate::for_tests(access) }
    }
}

/// A whole page.
pub(crate) struct Html(pub(crate) Markup);

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], self.0.into_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_alone_tells_programs_from_people() {
        for path in ["/api", "/api/", "/api/v1/jobs", "/api/v2"] {
            assert_eq!(Face::of(path), Face::Api, "{path}");
        }
        for path in ["/", "/jobs", "/apiary", "/jobs/api/v1", "/API/v1"] {
            assert_eq!(Face::of(path), Face::Page, "{path}");
        }
    }
}
