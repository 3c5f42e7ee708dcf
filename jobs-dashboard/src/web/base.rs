//! Links. All of them begin with the path under which the visitor sees the dashboard, which only the request tells.

use std::fmt;

use axum::{extract::OriginalUri, http::request::Parts};
use form_urlencoded::byte_serialize;
use maud::{Escaper, Render};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest forwarded prefix, in bytes.
const LONGEST: usize = 200;

/// Everything that could end a segment of a path, or mean something else in one.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// What all links of an answer begin with: empty, or `/jobs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Base(String);

impl Base {
    /// What a request was nested under: the path that the visitor sees, less what the router was left with.
    pub(crate) fn of(parts: &Parts, forwarded: bool) -> Self {
        let inner = parts.uri.path();
        let original = parts.extensions.get::<OriginalUri>().map_or(inner, |uri| uri.0.path());
        let nested = original.strip_suffix(inner).unwrap_or(if inner == "/" { original } else { "" });
        let nested = nested.trim_end_matches('/');
        let prefix = if forwarded { prefix(parts).unwrap_or_default() } else { "" };
        let whole = format!("{prefix}{nested}");
        // A link that begins with two slashes would lead to another host.
        Self(if whole.starts_with("//") { String::new() } else { whole })
    }

    /// The path itself, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A link to a path of the dashboard as it stands in the table of routes, such as `/servers`.
    pub(crate) fn to(&self, path: &str) -> Link {
        // Where a router is nested, its root has no slash at the end.
        let rest = match path.strip_prefix('/') {
            Some(rest) if !self.0.is_empty() && (rest.is_empty() || rest.starts_with('?')) => rest,
            _ => path,
        };
        let text = format!("{}{rest}", self.0);
        Link { has_query: text.contains('?'), text }
    }
}

/// The header of a proxy that strips a prefix. What is not a plain path is passed over.
fn prefix(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get("x-forwarded-prefix")?.to_str().ok()?.trim().trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~%".contains(&byte);
    let is_path = value.starts_with('/') && !value.starts_with("//") && value.len() <= LONGEST;
    (is_path && value.bytes().all(is_plain)).then_some(value)
}

/// A link that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    text: String,
    has_query: bool,
}

impl Link {
    /// One more segment, which may hold any text.
    pub(crate) fn segment(mut self, text: &str) -> Self {
        debug_assert!(!self.has_query, "a segment comes before the query");
        self.text.push('/');
        // Points alone in a segment mean "here" and "above", even encoded: the set encodes them, and browsers decode them first.
        match text {
            "." | ".." => self.text.push_str(&text.replace('.', "%252E")),
            text => self.text.extend(utf8_percent_encode(text, SEGMENT)),
        }
        self
    }

    /// One more segment that is a name of our own.
    pub(crate) fn segment_as_is(mut self, name: &str) -> Self {
        self.text.push('/');
        self.text.push_str(name);
        self
    }

    /// One more parameter.
    pub(crate) fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        self.text.extend(byte_serialize(value.to_string().as_bytes()));
        self
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Render for Link {
    fn render_to(&self, buffer: &mut String) {
        use fmt::Write;
        // Writing into a string cannot fail.
        let _ = Escaper::new(buffer).write_str(&self.text);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn base(original: &str, inner: &str, forwarded: Option<&str>) -> String {
        let mut request = Request::builder().uri(inner);
        if let Some(value) = forwarded {
            request = request.header("x-forwarded-prefix", value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        parts.extensions.insert(OriginalUri(original.parse().expect("a path")));
        Base::of(&parts, true).0
    }

    #[test]
    fn links_begin_where_the_router_is_nested() {
        let cases = [
            ("/", "/", ""),
            ("/servers", "/servers", ""),
            ("/jobs", "/", "/jobs"),
            ("/jobs/", "/", "/jobs"),
            ("/jobs/servers", "/servers", "/jobs"),
            ("/a/b/servers", "/servers", "/a/b"),
            ("/a%20b/servers?x=/servers", "/servers?x=/servers", "/a%20b"),
            ("/servers/servers", "/servers", "/servers"),
        ];
        for (original, inner, expected) in cases {
            assert_eq!(base(original, inner, None), expected, "{original}");
        }
    }

    #[test]
    fn a_forwarded_prefix_must_be_a_plain_path() {
        let cases = [
            ("/ops", "/ops/jobs"),
            ("/ops/", "/ops/jobs"),
            ("//evil.example.org", "/jobs"),
            ("https://evil.example.org", "/jobs"),
            ("/a\"b", "/jobs"),
            ("/a?b", "/jobs"),
            ("", "/jobs"),
        ];
        for (value, expected) in cases {
            assert_eq!(base("/jobs/servers", "/servers", Some(value)), expected, "{value}");
        }
    }

    #[test]
    fn names_of_any_text_stay_one_segment() {
        let link = |name: &str| Base("/jobs".into()).to("/queues").segment(name).to_string();
        assert_eq!(link("a/b?c#d%"), "/jobs/queues/a%2Fb%3Fc%23d%25");
        assert_eq!(link("çay"), "/jobs/queues/%C3%A7ay");
        assert_eq!(link(".."), "/jobs/queues/%252E%252E");
        let query = Base::default().to("/jobs").query("kind", "a&b=c").query("n", 2);
        assert_eq!(query.to_string(), "/jobs?kind=a%26b%3Dc&n=2");
        assert_eq!(Base("/x".into()).to("/?a=b").to_string(), "/x?a=b");
        assert_eq!(
            (Base::default().to("/").to_string(), Base("/x".into()).to("/").to_string()),
            ("/".into(), "/x".into())
        );
    }
}
