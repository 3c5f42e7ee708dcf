//! What programs send: JSON in a body, and names in a path.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::web::Fault;

/// The body of a request, which must be said to be JSON: no form of another site can say that. An empty one stands for `{}`. The router
/// bounds its size.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            return Err(Fault::MediaType);
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| Fault::TooLarge)?;
        read(if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { &body }).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// # Errors
/// [`Fault::Bad`] for what is not JSON, [`Fault::Unfit`] for what is and does not fit, with the name of the field.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // Serde would take a list for the fields in their order, of which nobody knows.
    if body.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(body).map_err(|error| no_json(&error))?;
        return Err(Fault::Unfit("the body is an object, which stands in braces; `{}` says nothing".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| match error.inner().is_data() {
        true if error.path().iter().len() == 0 => Fault::Unfit(error.inner().to_string()),
        true => Fault::Unfit(format!("`{}`: {}", error.path(), error.inner())),
        false => no_json(error.inner()),
    })?;
    json.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

fn no_json(error: &serde_json::Error) -> Fault {
    Fault::Bad(format!("the body is not JSON: {error}"))
}

/// The name in a path: any text, percent-encoded.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|error| Fault::Bad(error.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        number: i16,
        #[serde(default)]
        names: Vec<String>,
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (body, words) in [
            (r#"{"number":40000}"#, "`number`"),
            (r#"{"number":1,"names":["a",7]}"#, "`names[1]`"),
            (r#"{"number":1,"nane":[]}"#, "`nane`"),
            ("{}", "`number`"),
            ("[7]", "an object"),
            ("null", "an object"),
        ] {
            let fault = read::<Wish>(body.as_bytes());
            assert!(matches!(&fault, Err(Fault::Unfit(text)) if text.contains(words)), "{body}: {fault:?}");
        }
        for body in ["{", "act=delete", "{\"number\":1} x", "\u{feff}{}", "{'number':1}", "\"\u{1}\""] {
            let fault = read::<Wish>(body.as_bytes());
            assert!(
                matches!(&fault, Err(Fault::Bad(text)) if text.starts_with("the body is not JSON")),
                "{body}: {fault:?}"
            );
        }
        assert_eq!(read::<Wish>(b" {\"number\":-7} "), Ok(Wish { number: -7, names: Vec::new() }));
    }

    #[test]
    fn only_what_is_said_to_be_json_is_read() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/x-www-form-urlencoded", false),
            ("text/plain", false),
            ("multipart/form-data; boundary=application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().expect("a value"))]);
            assert_eq!(is_json(&headers), expected, "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
