//! The signals that ask the program to stop.
//!
//! A program that does nothing but serve needs none of this: `client.server().run().await?` listens by itself.

use std::io;

/// Resolves when somebody presses Ctrl-C, or an orchestrator sends SIGTERM, and says which.
pub(crate) async fn stop() -> io::Result<&'static str> {
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| "Ctrl-C"),
        sent = terminate() => sent.map(|()| "SIGTERM"),
    }
}

#[cfg(unix)]
async fn terminate() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn terminate() -> io::Result<()> {
    std::future::pending().await
}
