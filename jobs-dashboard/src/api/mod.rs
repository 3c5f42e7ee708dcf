//! The JSON API under `/api/v1`, for programs: the same reads and acts as the pages, through the same gate, parsers and gateway. Its
//! OpenAPI document is derived from the types that are answered.
//!
//! First lines of the comments on handlers and on the fields of answers are part of that document.

pub(crate) mod acts;
pub(crate) mod audit;
pub(crate) mod batches;
mod body;
pub(crate) mod errors;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod kinds;
mod openapi;
pub(crate) mod operations;
pub(crate) mod overview;
mod problem;
pub(crate) mod queues;
pub(crate) mod recurring;
pub(crate) mod schedule;
pub(crate) mod servers;
mod shape;
pub(crate) mod stats;
pub(crate) mod system;
mod why;
mod words;

use std::time::Duration;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

pub(crate) use self::{openapi::show as openapi, problem::problem};
use crate::web::{Fault, Params};

/// Where the document is.
pub(crate) const DOCUMENT: &str = "/api/v1/openapi.json";

/// So many rows has a page of a list where nothing else is said, and at most.
const LIMIT: u32 = 50;
const MOST: u32 = 100;

/// An answer.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an answer of the API cannot be written");
                Fault::Internal.into_response()
            }
        }
    }
}

/// How many rows of a list are asked for.
fn limit(params: &Params) -> u32 {
    params.number("limit", 1..=MOST, LIMIT)
}

/// A duration as answers have it.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
