//! What a visitor writes behind the question mark, or into a form: typed, bounded, never trusted.

use std::{ops::RangeInclusive, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use super::Fault;

/// So many parameters are looked at.
const MOST: usize = 100;
/// The same for the fields of a form, which may tick each job of a page.
const MOST_OF_FORM: usize = 1_000;
/// The longest value, in bytes; a longer one is cut off.
pub(crate) const LONGEST: usize = 1_000;

/// The parameters of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a query.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).take(MOST);
        Self(pairs.map(|(name, value)| (name.into_owned(), cut(&value).to_owned())).collect())
    }

    /// Those of the body of a form, whose size is bounded already. Nothing of it is cut off: it is stored.
    pub(crate) fn of_form(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).take(MOST_OF_FORM);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Those that a program has named otherwise than in an address or a form.
    pub(crate) fn of(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first of this name that is not empty, without spaces around it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, value)| given == name && !value.trim().is_empty());
        found.map(|(_, value)| value.trim())
    }

    /// The first of this name as a value; `None` too where it cannot be read as one.
    pub(crate) fn value<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// A number within bounds: what lies outside is moved to the nearest bound, what is no number is `usual`.
    pub(crate) fn number(&self, name: &str, bounds: RangeInclusive<u32>, usual: u32) -> u32 {
        let Some(text) = self.text(name) else { return usual };
        match text.parse::<i128>() {
            Ok(number) => {
                let number = number.clamp((*bounds.start()).into(), (*bounds.end()).into());
                u32::try_from(number).unwrap_or(usual)
            }
            Err(_) => usual,
        }
    }

    /// All values of this name.
    pub(crate) fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// As much of a text as is looked at.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default().as_bytes()))
    }
}

/// The part of an address that names a thing, as it stands there.
#[derive(Clone, Debug)]
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let unreadable = |_| Fault::Bad("the address is no text in UTF-8; follow a link to get there".to_owned());
        Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| Self(text)).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_clamped() {
        let cases = [
            ("limit=20", 20),
            ("limit=0", 1),
            ("limit=-5", 1),
            ("limit=999999999999999999", 200),
            ("limit=99999999999999999999999999999999999999999999", 50),
            ("limit=x", 50),
            ("limit=", 50),
            ("", 50),
            ("limit=+7", 7),
        ];
        for (query, expected) in cases {
            assert_eq!(Params::parse(query.as_bytes()).number("limit", 1..=200, 50), expected, "{query}");
        }
    }

    #[test]
    fn values_are_bounded_and_typed() {
        let long = format!("q={}", "ç".repeat(1_000_000));
        assert_eq!(Params::parse(long.as_bytes()).text("q").map(str::len), Some(LONGEST));
        let many = "a=1&".repeat(100_000);
        assert_eq!(Params::parse(many.as_bytes()).all("a").count(), MOST);
        let params = Params::parse(b"a=%20&a=+two+&n=7&bad=%ff");
        assert_eq!((params.text("a"), params.value::<u8>("n")), (Some("two"), Some(7)));
        assert_eq!(
            (params.value::<u8>("a"), params.text("absent"), params.text("bad")),
            (None, None, Some("\u{fffd}"))
        );
    }
}
