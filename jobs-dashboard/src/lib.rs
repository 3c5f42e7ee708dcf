//! The dashboard of `jobs`: pages that an application serves from its own program, under any path, behind a policy of its own.
//! Applications use it as `jobs::dashboard`, with the feature `dashboard`.
//!
//! ```no_run
//! use jobs_dashboard::{Policy, Role};
//! # async fn serve(client: jobs_runtime::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::basic([("ann", std::env::var("ANN_PASSWORD")?, Role::Admin)])?;
//! let app: axum::Router = axum::Router::new().nest_service("/jobs", jobs_dashboard::router(&client, policy));
//! # Ok(()) }
//! ```
//!
//! Nobody sees anything unless the [`Policy`] says so. Pages work without JavaScript, load nothing from other hosts, and keep a
//! content security policy without exceptions. Programs have the same as JSON under `/api/v1`.

mod act;
mod api;
mod asset;
mod budget;
mod dashboard;
mod gate;
mod live;
mod metrics;
mod page;
mod policy;
mod routes;
mod shared;
mod text;
mod web;

#[cfg(test)]
mod tests;

/// The web framework whose types stand in this crate's functions, so that a program can name the same version.
pub use axum;

pub use self::{
    dashboard::{Dashboard, DashboardService, router, service},
    policy::{Access, Peer, Policy, Role},
};
