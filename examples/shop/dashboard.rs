//! The dashboard, on a small web server of the shop's own.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use futures_util::FutureExt;
use jobs::{
    dashboard::{Dashboard, Policy},
    prelude::*,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Where it is mounted.
const PATH: &str = "/jobs";

/// The web server while it runs.
pub(crate) struct Doors {
    close: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

/// Serves the dashboard, if the address is free, and says where.
///
/// The policy lets in who sits at this machine. A program that others reach has users: see `Policy::basic` and `Policy::by`.
pub(crate) async fn open(client: &Client, address: SocketAddr) -> anyhow::Result<Option<Doors>> {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            println!("shop: no dashboard at {address}: {error}; choose another address by --dashboard");
            return Ok(None);
        }
    };
    let address = listener.local_addr().context("the web server has no address")?;
    let (close, closed) = oneshot::channel();
    // It is also over when the other end is gone.
    let closed = closed.map(drop).shared();
    let dashboard = Dashboard::new(client, Policy::loopback()).title("shop").shutdown(closed.clone());
    let app = Router::new().nest_service(PATH, dashboard.router()).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(closed).await {
            eprintln!("shop: the web server has ended: {error}");
        }
    });
    println!("shop: the dashboard is at http://{address}{PATH}");
    Ok(Some(Doors { close, server }))
}

impl Doors {
    /// Answers what was asked, and stops.
    pub(crate) async fn close(self) {
        drop(self.close);
        // It ends by itself, and has said so if it failed.
        let _ = self.server.await;
    }
}
