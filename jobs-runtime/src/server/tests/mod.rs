//! Servers over a storage in memory, under a clock that only moves when nothing else can.

mod fetching;
mod finish_in;
mod idle;
mod lease;
mod offers;
mod orders;
mod outcomes;
mod parents;
mod starting;
mod stopping;
mod storing;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    Server,
    fake::{ACT, Fake, Started},
    lease::Trust,
    shared::Shared,
    spawn,
    stage::Stage,
    stop::{Background, supervise},
};
use crate::{
    Client, JobId,
    maintenance::{self, Recurring},
    storage::{End, SharedStorage},
};

/// A running server.
struct Bench {
    fake: Arc<Fake>,
    shared: Arc<Shared>,
    trust: watch::Sender<Option<Instant>>,
    supervisor: JoinHandle<()>,
}

fn client(fake: &Arc<Fake>) -> Client {
    Client::over(Arc::clone(fake) as SharedStorage).expect("tests run inside a runtime")
}

/// A server that knows the job of the tests.
fn server(fake: &Arc<Fake>) -> Server {
    let mut server = Server::new(client(fake)).workers(4).state(Started::default()).state(Semaphore::new(0));
    server.wanted.explicit.push(&ACT);
    server
}

impl Bench {
    /// Starts a server of four workers whose lease the test keeps.
    fn start(fake: Fake) -> Self {
        Self::start_with(fake, |server| server)
    }

    fn start_with(fake: Fake, change: impl FnOnce(Server) -> Server) -> Self {
        Self::start_beside(fake, change, |_, _| Background::default())
    }

    /// Starts a server with all of its services.
    fn start_whole(fake: Fake) -> Self {
        Self::start_beside(
            fake,
            |server| server,
            |shared, trust| {
                let views = shared.views.listen();
                let recurring =
                    Recurring::new(shared.storage().clone(), &shared.registry, views).expect("nothing is declared");
                let mut background = Background::default();
                maintenance::spawn(&mut background, shared, recurring, trust.clone());
                background
            },
        )
    }

    fn start_beside(
        fake: Fake,
        change: impl FnOnce(Server) -> Server,
        services: impl FnOnce(&Arc<Shared>, &Trust) -> Background,
    ) -> Self {
        let fake = Arc::new(fake);
        let (shared, finishes) = change(server(&fake)).build().expect("the server is valid");
        let for_ever = Instant::now() + Duration::from_secs(1_000_000);
        let (trust, trusted) = Trust::until(Some(for_ever));
        let background = services(&shared, &trusted);
        let parts = spawn(&shared, finishes, trusted, background, None);
        let supervisor = tokio::spawn(supervise(shared.clone(), parts));
        Self { fake, shared, trust, supervisor }
    }

    /// The jobs that have started, in order.
    fn started(&self) -> Vec<JobId> {
        self.shared.states.get::<Started>().expect("it is there").0.lock().expect("no panic inside").clone()
    }

    /// Lets so many jobs pass the gate.
    fn open_gate(&self, jobs: usize) {
        self.shared.states.get::<Semaphore>().expect("it is there").add_permits(jobs);
    }

    /// How a job ended, waiting for it.
    async fn end_of(&self, job: JobId) -> End {
        let find = || self.fake.ends().into_iter().find(|(id, _)| *id == job);
        until(|| find().is_some()).await;
        find().expect("it was there").1
    }

    async fn stop(self) -> Arc<Fake> {
        self.shared.stages.advance(Stage::Draining);
        self.supervisor.await.expect("the supervisor does not panic");
        self.fake
    }
}

/// A database of an application's.
pub(crate) async fn database() -> sqlx::SqliteConnection {
    <sqlx::SqliteConnection as sqlx::Connection>::connect("sqlite::memory:").await.expect("memory is always there")
}

/// Waits until something holds; an hour of the test's clock is long enough for anything.
async fn until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(3_600), "waited in vain");
        sleep(Duration::from_millis(1)).await;
    }
}

/// Lets everything happen that happens within this time.
async fn pass(time: Duration) {
    sleep(time).await;
}
