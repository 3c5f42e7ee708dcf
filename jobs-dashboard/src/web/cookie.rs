//! The two cookies that hold a visitor's taste. They prove nothing.

use axum::http::{HeaderMap, HeaderValue, header};

use super::Base;

/// A year, in seconds.
const AGE: u32 = 31_536_000;

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).find_map(|pair| {
        let (given, value) = pair.trim().split_once('=')?;
        (given == name).then_some(value)
    })
}

/// The header that sets a cookie for the dashboard's own pages. `value` is one of our own words.
pub(crate) fn set_cookie(base: &Base, name: &str, value: &'static str) -> Option<HeaderValue> {
    let path = match base.as_str() {
        "" => "/",
        path if path.contains(';') => "/",
        path => path,
    };
    HeaderValue::try_from(format!("{name}={value}; Path={path}; Max-Age={AGE}; SameSite=Lax; HttpOnly")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("x=1; jobs_theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("jobs_lang=tr"));
        assert_eq!(cookie(&headers, "jobs_theme"), Some("dark"));
        assert_eq!(cookie(&headers, "jobs_lang"), Some("tr"));
        assert_eq!(cookie(&headers, "theme"), None);
    }
}
