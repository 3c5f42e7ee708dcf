//! The table of routes: what is where, and what it needs. Nothing is reached but through it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware::from_fn_with_state,
    routing::{MethodFilter, any, on},
};
use tower_http::csrf::CsrfLayer;

use crate::{
    api, asset,
    gate::{self, Right},
    live, metrics,
    page::{self, Place},
    shared::Shared,
    web::{self, Fault, Missing},
};

/// The largest body of a request, in bytes: forms, with args that are edited by hand.
pub(crate) const LARGEST: usize = 256 * 1024;

/// All routes of the dashboard.
pub(crate) fn all(shared: &Shared) -> Routes {
    programs(pages(Routes::new(shared)))
}

/// What people look at.
fn pages(routes: Routes) -> Routes {
    // A page that shows counts of queues opens to whoever sees one queue, and shows only those.
    routes
        .get(asset::PATH, Right::OPEN, asset::serve)
        .get("/", Right::READ.of_queue(), page::overview::show)
        .get("/jobs", Place::Jobs.right(), page::jobs::show)
        .post("/jobs", Right::OPERATE.of_queue(), page::jobs::act)
        .get("/jobs/{id}", Place::Jobs.right(), page::job::show)
        .post("/jobs/{id}", Right::OPERATE.of_queue(), page::job::act)
        .get("/retries", Place::Retries.right(), page::retries::show)
        .get("/operations", Place::Operations.right(), page::operations::show)
        .get("/operations/new", Right::ADMIN.of_queue(), page::operations::ask)
        .post("/operations", Right::ADMIN.of_queue(), page::operations::begin)
        .post("/operations/{id}", Right::ADMIN, page::operations::act)
        .get("/batches", Place::Batches.right(), page::batches::show)
        .get("/batches/{id}", Place::Batches.right(), page::batches::one)
        .post("/batches/{id}", Right::OPERATE, page::batches::act)
        .get("/queues", Place::Queues.right(), page::queues::show)
        .post("/queues", Right::OPERATE.of_queue(), page::queues::act)
        .get("/recurring", Place::Recurring.right(), page::recurring::show)
        .post("/recurring", Right::OPERATE.of_queue(), page::recurring::act)
        .get("/recurring/{id}", Place::Recurring.right(), page::recurring::show_one)
        .post("/recurring/{id}", Right::OPERATE.of_queue(), page::recurring::act_on_one)
        .get("/servers", Place::Servers.right(), page::servers::show)
        .post("/servers", Right::ADMIN, page::servers::act)
        .get("/kinds", Place::Kinds.right(), page::kinds::show)
        .post("/kinds", Right::OPERATE, page::kinds::act)
        .get("/errors", Place::Errors.right(), page::errors::show)
        .get("/system", Place::System.right(), page::system::show)
        .get("/audit", Place::Audit.right(), page::audit::show)
        .get("/healthz", Right::OPEN, metrics::alive)
        .get("/readyz", Right::OPEN, metrics::ready)
        .get("/metrics", Right::READ.of_queue(), metrics::show)
        .get("/live", Right::READ.of_queue(), live::stream)
        .post("/preferences", Right::READ.of_queue(), page::preferences::set)
}

/// What programs ask and do: what shows or does the same as a page needs the same.
fn programs(routes: Routes) -> Routes {
    let (read, operate, admin) = (Right::READ.of_queue(), Right::OPERATE.of_queue(), Right::ADMIN.of_queue());
    routes
        .get(api::DOCUMENT, read, api::openapi)
        .get("/api/v1/overview", Place::Overview.right(), api::overview::show)
        .get("/api/v1/stats", Place::Overview.right(), api::stats::show)
        .get("/api/v1/system", Place::System.right(), api::system::show)
        .get("/api/v1/jobs", Place::Jobs.right(), api::jobs::list)
        .get("/api/v1/jobs/{id}", Place::Jobs.right(), api::job::show)
        .post("/api/v1/jobs/{id}/requeue", operate, api::acts::requeue)
        .post("/api/v1/jobs/{id}/run_now", operate, api::acts::run_now)
        .post("/api/v1/jobs/{id}/cancel", operate, api::acts::cancel)
        .post("/api/v1/jobs/{id}/delete", operate, api::acts::delete)
        .post("/api/v1/jobs/{id}/reschedule", operate, api::acts::reschedule)
        .post("/api/v1/jobs/{id}/move", operate, api::acts::move_to)
        .post("/api/v1/jobs/{id}/prioritize", operate, api::acts::prioritize)
        .post("/api/v1/jobs/{id}/edit", operate, api::acts::edit)
        .get("/api/v1/errors", Place::Errors.right(), api::errors::list)
        .get("/api/v1/operations", Place::Operations.right(), api::operations::list)
        .post("/api/v1/operations", admin, api::operations::begin)
        .get("/api/v1/operations/{id}", Place::Operations.right(), api::operations::show)
        .post("/api/v1/operations/{id}/cancel", Right::ADMIN, api::operations::cancel)
        .get("/api/v1/queues", Place::Queues.right(), api::queues::list)
        .post("/api/v1/queues/{queue}/pause", operate, api::queues::pause)
        .post("/api/v1/queues/{queue}/resume", operate, api::queues::resume)
        .post("/api/v1/queues/{queue}/clear", admin, api::queues::clear)
        .get("/api/v1/kinds", Place::Kinds.right(), api::kinds::list)
        .post("/api/v1/kinds/{kind}/pause", Right::OPERATE, api::kinds::pause)
        .post("/api/v1/kinds/{kind}/resume", Right::OPERATE, api::kinds::resume)
        .get("/api/v1/recurring", Place::Recurring.right(), api::recurring::list)
        .get("/api/v1/recurring/{id}", Place::Recurring.right(), api::schedule::show)
        .post("/api/v1/recurring/{id}/alter", operate, api::schedule::alter)
        .post("/api/v1/recurring/{id}/reset", operate, api::schedule::reset)
        .post("/api/v1/recurring/{id}/trigger", operate, api::recurring::trigger)
        .post("/api/v1/recurring/{id}/pause", operate, api::recurring::pause)
        .post("/api/v1/recurring/{id}/resume", operate, api::recurring::resume)
        .post("/api/v1/recurring/{id}/skip", operate, api::recurring::skip)
        .post("/api/v1/recurring/{id}/remove", operate, api::recurring::remove)
        .get("/api/v1/batches", Place::Batches.right(), api::batches::list)
        .get("/api/v1/batches/{id}", Place::Batches.right(), api::batches::show)
        .post("/api/v1/batches/{id}/cancel", Right::OPERATE, api::batches::cancel)
        .get("/api/v1/servers", Place::Servers.right(), api::servers::list)
        .post("/api/v1/servers/{id}/pause", Right::ADMIN, api::servers::pause)
        .post("/api/v1/servers/{id}/resume", Right::ADMIN, api::servers::resume)
        .post("/api/v1/servers/{id}/stop", Right::ADMIN, api::servers::stop)
        .get("/api/v1/audit", Place::Audit.right(), api::audit::list)
}

/// One route.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) right: Right,
}

/// Routes that are being put together.
pub(crate) struct Routes {
    shared: Shared,
    router: Router<Shared>,
    #[cfg(test)]
    rows: Vec<Row>,
}

impl Routes {
    pub(crate) fn new(shared: &Shared) -> Self {
        Self {
            shared: shared.clone(),
            router: Router::new(),
            #[cfg(test)]
            rows: Vec::new(),
        }
    }

    /// What is shown: it changes nothing.
    pub(crate) fn get<H, T>(self, path: &'static str, right: Right, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.route(Method::GET, MethodFilter::GET, path, right, handler)
    }

    /// What acts.
    pub(crate) fn post<H, T>(self, path: &'static str, right: Right, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.route(Method::POST, MethodFilter::POST, path, right, handler)
    }

    #[cfg_attr(not(test), expect(unused_variables, reason = "only the test that walks all routes asks for the method"))]
    fn route<H, T>(mut self, method: Method, filter: MethodFilter, path: &'static str, right: Right, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let gate = from_fn_with_state((self.shared.clone(), right), gate::passed);
        self.router = self.router.route(path, on(filter, handler).route_layer(gate));
        #[cfg(test)]
        self.rows.push(Row { method, path, right });
        self
    }

    /// The table.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The router, with what is around every route.
    pub(crate) fn into_router(self, shared: Shared) -> Router {
        // What is not there is told only to who may look at what is.
        let gate = from_fn_with_state((self.shared, Right::READ.of_queue()), gate::passed);
        let missing = any(async || Fault::Missing(Missing::Page)).layer(gate);
        self.router
            .fallback(missing)
            .layer(DefaultBodyLimit::max(LARGEST))
            .layer(CsrfLayer::new())
            .layer(from_fn_with_state(shared.clone(), web::guarded))
            .layer(from_fn_with_state(shared.clone(), web::framed))
            .with_state(shared)
    }
}
