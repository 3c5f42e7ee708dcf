//! The list of jobs that wait for their next attempt after one that failed.

use std::sync::Arc;

use axum::extract::State as Shares;
use jobs_runtime::{State, storage::JobPage};
use maud::{Markup, html};

use super::{
    Page, Place,
    jobs::{self, Query},
    part::{Topic, region, updates},
};
use crate::{
    act::Told,
    live::Pulse,
    shared::Shared,
    web::{Fault, Html, Params, Visit},
};

/// Shows a page of it. There is no count of them: no total tells them from what else is scheduled.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let query = Query::retries(&params)?;
    let pulse = shared.live.pulse().await?;
    let jobs = jobs::read_page(&visit, &pulse, &query, &params).await?;
    Ok(Html(page(&visit, &pulse, &query, &jobs, Told::of(&params))))
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, query: &Query, jobs: &JobPage, told: Option<Told>) -> Markup {
    let text = &visit.text().retries;
    let page = Page::new(visit, text.title).at(Place::Retries).pulse(pulse);
    let content = html! {
        (page.heading(html! { a href=(Query::of(State::Scheduled).link(&visit.base)) { (text.all_scheduled) } }))
        p.muted { (text.about) }
        @if let Some(told) = told { (told.html(visit)) }
        // A search is not repeated by itself: it may have looked at thousands of jobs.
        @if !query.is_search() { (updates(visit, Topic::Totals, &["retries"])) }
        (jobs::filters(visit, pulse, query, Place::Retries))
        section.panel { (region("retries", jobs::list(visit, query, jobs))) }
    };
    page.html(content)
}
