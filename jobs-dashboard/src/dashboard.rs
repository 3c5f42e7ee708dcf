//! How an application puts the dashboard into its program.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::OriginalUri,
    http::{Request, Response, Uri},
    routing::future::RouteFuture,
};
use futures_util::FutureExt;
use jobs_runtime::{BoxError, Client};
use tower::Service;

use crate::{
    budget::Budget,
    live::{Live, Until},
    policy::Policy,
    routes,
    shared::{Shared, State},
};

/// What pages are called where nothing else is said.
pub(crate) const TITLE: &str = "jobs";

/// How much of the machine requests may take where nothing is said.
const SHARE: f64 = if cfg!(debug_assertions) { 1.0 } else { 0.03 };

/// The dashboard as a router, with the defaults of [`Dashboard`]. Mount it with `nest_service`, under any path, or `merge` it.
///
/// `nest` works too, but leaves the path with a slash at its end to the application: that is how axum nests routers.
///
/// ```
/// # use jobs::prelude::*;
/// use jobs_dashboard::{Policy, axum};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// let client = Client::connect(&url).await?;
/// let dashboard = jobs_dashboard::router(&client, Policy::loopback());
/// let app: axum::Router = axum::Router::new().nest_service("/jobs", dashboard);
/// # Ok(()) }
/// ```
pub fn router(client: &Client, policy: Policy) -> Router {
    Dashboard::new(client, policy).router()
}

/// The dashboard as a service for any other framework, with the defaults of [`Dashboard`], for requests whose path begins at its
/// root. [`Dashboard::at`] gives it a path of its own.
pub fn service(client: &Client, policy: Policy) -> DashboardService {
    Dashboard::new(client, policy).service()
}

/// A dashboard that is being set up.
///
/// ```
/// # use jobs::prelude::*;
/// use jobs_dashboard::{Dashboard, Policy};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// let client = Client::connect(&url).await?;
/// let router = Dashboard::new(&client, Policy::loopback()).title("shop").environment("staging").router();
/// # Ok(()) }
/// ```
#[must_use = "nothing is served until `router` or `service` is called and mounted"]
pub struct Dashboard {
    client: Client,
    policy: Policy,
    title: String,
    environment: Option<String>,
    forwarded_prefix: bool,
    prefix: String,
    share: f64,
    until: Until,
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Dashboard");
        all.field("policy", &self.policy).field("title", &self.title).field("environment", &self.environment);
        all.finish_non_exhaustive()
    }
}

impl Dashboard {
    /// A dashboard of what this client's database holds, for whom the policy lets in.
    pub fn new(client: &Client, policy: Policy) -> Self {
        Self {
            client: client.clone(),
            policy,
            title: TITLE.to_owned(),
            environment: None,
            forwarded_prefix: false,
            prefix: String::new(),
            share: SHARE,
            until: std::future::pending().boxed().shared(),
        }
    }

    /// The name at the top of every page and in the browser's tab; `jobs` where nothing is said.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The name of the environment, such as `staging`, as a badge on every page. One that begins with `prod` is shown as a warning.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Takes the beginning of all links from the header `X-Forwarded-Prefix`. Only behind a proxy that sets it and drops what a
    /// visitor sends, and that strips the prefix from the path.
    pub fn trust_forwarded_prefix(mut self) -> Self {
        self.forwarded_prefix = true;
        self
    }

    /// The path under which the [service](Self::service) is reached, such as `/jobs`, where its requests come with their whole path.
    /// Other requests are answered with 404. A [router](Self::router) needs none: it sees where it is nested.
    pub fn at(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        let inner = prefix.trim_matches('/');
        self.prefix = if inner.is_empty() { String::new() } else { format!("/{inner}") };
        self
    }

    /// How much of the machine requests may take, from 0.001 to 1: 0.03, three hundredths of all processors, where nothing is said, and in
    /// builds for debugging, which are slow, all of it. Who looks around never notices; a program that asks again and again waits, so
    /// that the workers of the same process go on. 1 is no limit: where the dashboard has a process of its own.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share.clamp(0.001, 1.0);
        self
    }

    /// Ends the streams of live pages when this future does, so that a graceful stop of the web server does not wait for them: the
    /// same signal as that of `axum::serve(..).with_graceful_shutdown(..)`.
    ///
    /// A stream ends by itself after ten minutes, and the browser opens another.
    pub fn shutdown(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.until = signal.boxed().shared();
        self
    }

    /// The router, to be mounted with `nest_service` or `merge`.
    pub fn router(self) -> Router {
        let shared = self.shared();
        routes::all(&shared).into_router(shared)
    }

    pub(crate) fn shared(self) -> Shared {
        // Pages have connections of their own, so that nobody who works waits for one.
        let client = self.client.viewer();
        Arc::new(State {
            live: Live::new(client.clone(), self.until),
            client,
            visitors: Budget::of_share(self.share),
            strangers: Budget::of_share(self.share),
            policy: self.policy,
            title: self.title,
            environment: self.environment,
            forwarded_prefix: self.forwarded_prefix,
        })
    }

    /// The service.
    pub fn service(self) -> DashboardService {
        DashboardService { prefix: self.prefix.as_str().into(), router: self.router() }
    }
}

/// The dashboard as a [`tower::Service`], made by [`Dashboard::service`]. It is always ready and never fails.
///
/// The address of the visitor, which [`Policy::loopback`] asks for, is taken from a [`Peer`](crate::Peer) among the request's extensions.
#[derive(Clone, Debug)]
pub struct DashboardService {
    prefix: Arc<str>,
    router: Router,
}

impl<B> Service<Request<B>> for DashboardService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if !self.prefix.is_empty() {
            let inner = stripped(request.uri(), &self.prefix);
            let original = OriginalUri(request.uri().clone());
            request.extensions_mut().insert(original);
            // No page has this path, and it is not a prefix of the original one, so that the answer is a plain 404.
            *request.uri_mut() = inner.unwrap_or_else(|| Uri::from_static("/-/outside"));
        }
        Service::call(&mut self.router, request)
    }
}

/// What follows a prefix in a path; `None` where the path is not under it.
fn stripped(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path().strip_prefix(prefix)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let path = if rest.is_empty() { "/" } else { rest };
    match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok(),
        None => path.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_segment() {
        let cases = [
            ("/jobs", Some("/")),
            ("/jobs/", Some("/")),
            ("/jobs/servers?a=b", Some("/servers?a=b")),
            ("/jobs?a=b", Some("/?a=b")),
            ("/jobsite", None),
            ("/", None),
        ];
        for (path, expected) in cases {
            let uri = path.parse().expect("a path");
            assert_eq!(stripped(&uri, "/jobs").map(|uri| uri.to_string()), expected.map(str::to_owned), "{path}");
        }
    }
}
