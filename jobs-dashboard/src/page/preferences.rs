//! Language and theme, kept in cookies of the visitor.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    text::Lang,
    web::{Fault, Form, LANGUAGE_COOKIE, THEME_COOKIE, Theme, Visit, set_cookie},
};

/// Keeps what was chosen, and goes back to the page where it was.
pub(crate) async fn set(visit: Visit, Form(form): Form) -> Result<Response, Fault> {
    let back = form.text("back").filter(|back| is_ours(back)).unwrap_or("/");
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, visit.base.to(back).to_string())]).into_response();
    let theme = form.text("theme").map(|word| (THEME_COOKIE, Theme::parse(word).map_or("system", Theme::word)));
    let language = form.text("language").and_then(Lang::parse).map(|lang| (LANGUAGE_COOKIE, lang.code()));
    for (name, value) in [theme, language].into_iter().flatten() {
        if let Some(cookie) = set_cookie(&visit.base, name, value) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Whether a path stays in the dashboard: one that begins with two slashes, or with what browsers take for one, is another host.
fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_host() {
        for (path, expected) in [
            ("/", true),
            ("/servers?a=b", true),
            ("//evil.example.org", false),
            ("/\\evil.example.org", false),
            ("https://evil.example.org", false),
            ("/a\r\nset-cookie: x", false),
            ("", false),
        ] {
            assert_eq!(is_ours(path), expected, "{path}");
        }
    }
}
