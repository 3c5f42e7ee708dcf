//! Groups of errors that are alike.

use jiff::Timestamp;
use jobs_runtime::storage::ErrorRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Json, limit};
use crate::{
    page::errors::View,
    web::{Fault, Params, Visit},
};

/// One page of the groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct Errors {
    errors: Vec<ErrorGroup>,
    /// The value of `before` for the next page; null at the end.
    next: Option<String>,
}

/// Failures of one kind that are alike.
#[derive(Serialize, ToSchema)]
struct ErrorGroup {
    /// The group, as the filter `error` of jobs takes it.
    id: String,
    kind: String,
    /// How often, since the first time; attempts that were followed by another among them.
    count: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    /// The job that it happened to last; retention may have removed it.
    last_job: String,
    /// The first line, with what differs made alike.
    title: String,
    /// The last error with its chain of causes.
    sample: String,
}

impl From<&ErrorRecord> for ErrorGroup {
    fn from(error: &ErrorRecord) -> Self {
        Self {
            id: error.id.to_string(),
            kind: error.kind.clone(),
            count: error.count,
            first_at: error.first_at,
            last_at: error.last_at,
            last_job: error.last_job.to_string(),
            title: error.title.clone(),
            sample: error.sample.clone(),
        }
    }
}

/// Errors that are alike, grouped, those that happened last first.
#[utoipa::path(
    get,
    path = "/api/v1/errors",
    tag = "errors",
    params(
        ("kind" = Option<String>, Query, description = "Only of this kind"),
        ("limit" = Option<u32>, Query, description = "How many on a page, from 1 to 100"),
        ("before" = Option<String>, Query, description = "Which page: `next` of another"),
    ),
    responses((status = 200, description = "A page of the list", body = Errors)),
)]
pub(crate) async fn list(visit: Visit, params: Params) -> Result<Json<Errors>, Fault> {
    let view = View::read(&visit, &params, limit(&params)).await?;
    Ok(Json(Errors { next: view.next_word(), errors: view.errors.iter().map(Into::into).collect() }))
}
