//! Lists of jobs.

use axum::extract::State as Shares;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Json, job::Job, words::State};
use crate::{
    page,
    shared::Shared,
    web::{Fault, Params, Visit},
};

/// One page of the jobs in a state.
#[derive(Serialize, ToSchema)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
    /// The value of `at` for the page after this one; null at the end.
    next: Option<String>,
    /// The value of `at` for the page before this one; null at the beginning.
    previous: Option<String>,
    /// How many jobs were looked at to find these.
    looked: u32,
    /// Whether the search ended because it had looked at as many jobs as it may: `next` goes on from there.
    stopped: bool,
    /// How many of the jobs that were looked at could not be searched for the text.
    unread: u32,
}

/// The jobs in one state, filtered, page by page.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    params(
        ("state" = Option<State>, Query, description = "Their state; `enqueued` where nothing is said"),
        ("kind" = Option<Vec<String>>, Query, description = "Only of this kind; may be repeated"),
        ("queue" = Option<Vec<String>>, Query, description = "Only in this queue; may be repeated"),
        ("q" = Option<String>, Query, description = "Only with this text in their args, tags or metadata"),
        ("error" = Option<String>, Query, description = "Only with a last error of this group"),
        ("from" = Option<String>, Query, description = "Only created at this time or later"),
        ("until" = Option<String>, Query, description = "Only created before this time"),
        ("retried" = Option<String>, Query, description = "`yes`: only those of which an attempt has failed"),
        ("parked" = Option<String>, Query, description = "`yes`: only enqueued ones that are set aside"),
        ("limit" = Option<u32>, Query, description = "How many on a page, from 1 to 100"),
        ("look" = Option<u32>, Query, description = "How many jobs a search looks at, from 1 to 5,000"),
        ("at" = Option<String>, Query, description = "Which page: `next` or `previous` of another"),
    ),
    responses((status = 200, description = "A page of the list", body = Jobs)),
)]
pub(crate) async fn list(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Json<Jobs>, Fault> {
    let pulse = shared.live.pulse().await?;
    let (_, page) = page::jobs::listed(&visit, &pulse, &params).await?;
    Ok(Json(Jobs {
        next: page.next.map(|place| place.to_string()),
        previous: page.previous.map(|place| place.to_string()),
        looked: page.looked,
        stopped: page.stopped,
        unread: page.unread,
        jobs: page.jobs.iter().map(|job| Job::listed(&visit, job)).collect(),
    }))
}
