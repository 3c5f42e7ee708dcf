//! The dashboard in an application's own web server, over real connections.

mod common;

use std::{future::Future, net::SocketAddr};

use common::Database;
use jobs::dashboard::{Dashboard, Policy, axum, axum::Router};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// A web server that has the dashboard under `/jobs`, until a signal comes.
async fn serve(
    dashboard: Dashboard,
    signal: impl Future<Output = ()> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let app: Router = Router::new().nest_service("/jobs", dashboard.router());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = tokio::spawn(async move {
        axum::serve(listener, app).with_graceful_shutdown(signal).await.expect("it serves");
    });
    (address, served)
}

/// Sends a request, and reads until the answer holds a text.
async fn ask(address: SocketAddr, path: &str, host: &str, until: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(until) {
        let read = stream.read_buf(&mut answer).await.expect("it is answered");
        assert!(read > 0, "no `{until}` in: {}", String::from_utf8_lossy(&answer));
    }
    (stream, String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_graceful_stop_does_not_wait_for_live_pages() {
    let database = Database::new();
    let client = database.client().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let (end, ended) = oneshot::channel::<()>();
    let dashboard = Dashboard::new(&client, Policy::loopback()).shutdown(async {
        // Whoever drops the other half wants the end as well.
        let _ = ended.await;
    });
    let (address, served) = serve(dashboard, async {
        let _ = stopped.await;
    })
    .await;
    let (mut stream, _) = ask(address, "/jobs/live", "localhost", "event: pulse").await;
    end.send(()).expect("the dashboard listens");
    stop.send(()).expect("the server listens");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("the stream ends");
    served.await.expect("it has stopped");
}

#[tokio::test]
async fn only_this_machine_by_its_own_name_is_let_in() {
    let database = Database::new();
    let client = database.client().await;
    let (address, served) = serve(Dashboard::new(&client, Policy::loopback()), std::future::pending()).await;
    let (_, page) = ask(address, "/jobs", "localhost", "</html>").await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("<h1>Overview</h1>"), "{page}");
    let (_, page) = ask(address, "/jobs", "rebind.example.org", "</html>").await;
    assert!(page.starts_with("HTTP/1.1 403 Forbidden"), "{page}");
    served.abort();
}
