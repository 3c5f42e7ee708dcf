//! A server from outside: what it says of itself, and what an operator tells it.

use super::{
    Client,
    act::Act,
    pause::{SetPause, end_pause},
};
use crate::{
    Error, Result, ServerId,
    storage::{PauseTarget, ServerRecord, Signal},
};

/// A server by its id, wherever it runs: made by [`Client::server_ref`].
///
/// ```standalone_crate
/// # use jobs::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # let mut running = client.server().start().await?;
/// for server in client.servers().await? {
///     client.server_ref(server.id).stop().await?;
/// }
/// # running.stopped().await;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ServerRef {
    client: Client,
    id: ServerId,
}

impl Client {
    /// The server with this id; [`servers`](Self::servers) lists them.
    pub fn server_ref(&self, id: ServerId) -> ServerRef {
        ServerRef { client: self.clone(), id }
    }
}

impl ServerRef {
    /// The server.
    pub fn id(&self) -> ServerId {
        self.id
    }

    /// What is stored of it.
    ///
    /// # Errors
    /// [`Error::NoServer`] when it has stopped or was never there; else what the engine says.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn record(&self) -> Result<ServerRecord> {
        let servers = self.client.storage().server_list().await?;
        servers.into_iter().find(|server| server.id == self.id).ok_or(Error::NoServer(self.id))
    }

    /// Lets it claim nothing more, until it is resumed; what it runs goes on.
    pub fn pause(&self) -> SetPause<'static> {
        SetPause::new(&self.client, vec![self.target()], None)
    }

    /// A [`pause`](Self::pause) without an end: the first half of taking a server out of service. What runs can be waited for,
    /// and then comes [`stop`](Self::stop) or [`resume`](Self::resume).
    pub fn quiet(&self) -> SetPause<'static> {
        self.pause().reason("quiet")
    }

    /// Ends the pause. Awaiting returns whether one was in force.
    pub fn resume(&self) -> Act<'static, bool> {
        end_pause(&self.client, vec![self.target()])
    }

    /// Tells it to stop as on SIGTERM: it claims nothing more, gives back what has not started, waits for what runs up to its
    /// grace, and ends; [`Server::run`](crate::Server::run) returns there. It hears of this within a second.
    ///
    /// # Errors
    /// [`Error::NoServer`] when it has stopped or was never there; else what the engine says.
    ///
    /// # Cancel safety
    /// It is told or not told.
    pub async fn stop(&self) -> Result<()> {
        self.tell(Signal::Stop).await
    }

    /// Tells it to run so many jobs at once, at least 1, for as long as it runs. It hears of this within a second. No running
    /// job is stopped for it: a server that shrinks starts nothing until enough have ended.
    ///
    /// # Errors
    /// [`Error::Config`] for 0; [`Error::NoServer`] when it has stopped or was never there; else what the engine says.
    ///
    /// # Cancel safety
    /// It is told or not told.
    pub async fn resize(&self, workers: u32) -> Result<()> {
        if workers == 0 {
            return Err(Error::config("`resize` to 0 would run no job; pause the server, or give it at least 1"));
        }
        self.tell(Signal::Resize(workers)).await
    }

    async fn tell(&self, signal: Signal) -> Result<()> {
        if self.client.storage().server_signal(self.id, signal).await? { Ok(()) } else { Err(Error::NoServer(self.id)) }
    }

    fn target(&self) -> PauseTarget {
        PauseTarget::Server(self.id)
    }
}
