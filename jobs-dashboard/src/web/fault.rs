//! What goes wrong with a request. A handler returns it, and the frame makes a page of it, in the visitor's language.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jobs_runtime::{Error, storage::SchemaVersion};

use crate::policy::{Challenge, Refusal, Role};

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The visitor has to say who they are.
    Challenged(Challenge),
    /// The visitor is not let in at all.
    Refused(Refusal),
    /// The visitor's role is not enough, on this queue where one is named.
    Forbidden { needs: Role, queue: Option<String> },
    /// The request came from a page of another site.
    Foreign,
    /// There is no such thing.
    Missing(Missing),
    /// The path is there for another method.
    Method,
    /// What was asked for cannot be meant; the text says what and what to write instead.
    Bad(String),
    /// Things have changed since the visitor looked; the text says how.
    Conflict(String),
    /// What was to be acted on is in no state for it; the text says what it takes. Only programs are told so: pages say it in a notice.
    Untaken(String),
    /// A program sent what cannot be meant; the text names the field and says what to write instead.
    Unfit(String),
    /// A program sent a body that is not said to be JSON.
    MediaType,
    /// The form or the body is too large.
    TooLarge,
    /// The database cannot be reached, or is not ready.
    Down,
    /// The question took longer than a page may.
    Slow,
    /// So many requests wait that there is no place for another.
    Crowded,
    /// The disk is full, so that nothing can be stored.
    Full,
    /// The database may be read and not written.
    ReadOnly,
    /// Tables are missing or not those that this program works with. `None`: nobody has looked yet which there are, or could not.
    Tables(Option<SchemaVersion>),
    /// So many browsers have a stream open that there is no place for another.
    Busy,
    /// Something is wrong here. Its text is in the log and not on the page.
    Internal,
}

/// What is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No page has this path.
    Page,
    /// A job, batch, recurring job or server; the text names it.
    Thing(String),
}

impl Fault {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Challenged(_) => StatusCode::UNAUTHORIZED,
            Self::Refused(_) | Self::Forbidden { .. } | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) | Self::Untaken(_) => StatusCode::CONFLICT,
            Self::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Down | Self::Slow | Self::Crowded | Self::Full | Self::ReadOnly | Self::Tables(_) | Self::Busy => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The same, with the name of the parameter or field whose value cannot be meant.
    pub(crate) fn at(self, name: &str) -> Self {
        match self {
            Self::Bad(text) => Self::Bad(format!("`{name}`: {text}")),
            Self::Unfit(text) => Self::Unfit(format!("`{name}`: {text}")),
            fault => fault,
        }
    }

    /// What an answer without a page means that no handler of ours has made.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::Missing(Missing::Page)),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::Method),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            status if status.is_server_error() => Some(Self::Internal),
            _ => None,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if error.is_transient() {
            tracing::warn!(error = &error as &dyn std::error::Error, "a page of the dashboard could not be read");
            return match error {
                Error::Full(_) => Self::Full,
                Error::ReadOnly(_) => Self::ReadOnly,
                _ => Self::Down,
            };
        }
        match error {
            Error::NoJob(_)
            | Error::NoBatch(_)
            | Error::NoRecurring(_)
            | Error::NoServer(_)
            | Error::NoOperation(_) => Self::Missing(Missing::Thing(error.to_string())),
            Error::Slow { .. } => Self::Slow,
            Error::Config(text) => Self::Bad(text),
            Error::Taken(_) | Error::Unfinished { .. } => Self::Conflict(error.to_string()),
            Error::Schema(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the tables do not fit a page of the dashboard"
                );
                Self::Tables(None)
            }
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page of the dashboard failed");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        match &self {
            Self::Challenged(Challenge::Basic) => {
                let value = HeaderValue::from_static("Basic realm=\"jobs\", charset=\"UTF-8\"");
                headers.insert(header::WWW_AUTHENTICATE, value);
            }
            Self::Challenged(Challenge::Bearer) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"jobs\""));
            }
            Self::Down | Self::Slow | Self::Crowded | Self::Full | Self::ReadOnly | Self::Tables(_) | Self::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}
