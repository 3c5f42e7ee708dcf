//! A site in which everything is: jobs in each state, batches, errors, operations, recurring jobs, servers, pauses and acts, all stored
//! and run as applications do it.

use std::{future::Future, time::Duration};

use futures_util::future::join_all;
use jobs::prelude::*;
use jobs_runtime::{
    Actor, BatchId, Client, JobId, Operator, RunningServer, State,
    storage::{BulkAct, ErrorFilter, JobFilter, PauseTarget, Via},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{site::Site, states::CASES};

/// The arg that every job has and nobody may read.
pub(crate) const SECRET: &str = "open-sesame-4711";

/// More of everything than fits on a page.
pub(crate) const MANY: usize = 51;

/// How long what must come is waited for; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(120);

#[job(secret(password))]
async fn deliver(ctx: &JobContext, text: String, password: String) -> Result<String, String> {
    ctx.log(&*text);
    Ok(format!("{text} with {} letters", password.len()))
}

#[job(attempts = 1, secret(password))]
async fn fail(text: String, password: String) -> Result<(), String> {
    Err(format!("{text}\ncaused by: {} letters", password.len()))
}

/// Runs until its server stops.
#[job(secret(password))]
async fn hold(ctx: &JobContext, text: String, password: String) -> Result<(), String> {
    ctx.log(&*text);
    ctx.progress(0.4, text);
    ctx.cancelled().await;
    Err(format!("stopped after {} letters", password.len()))
}

/// Waits: no server reads the queues that it is in.
#[job(secret(password))]
async fn greet(text: String, password: String) {
    let _ = (text, password);
}

/// The site, and what is known of it.
pub(crate) struct Filled {
    pub(crate) site: Site,
    pub(crate) batch: BatchId,
    /// The id of a recurring job, as it stands in a path.
    recurring: String,
    /// A job in each state.
    pub(crate) jobs: Vec<(State, JobId)>,
    servers: Vec<RunningServer>,
}

/// What is stored, and with which words.
struct Filling<'f> {
    client: &'f Client,
    /// In the queue of this name servers run jobs.
    work: String,
    /// In this one jobs wait.
    still: String,
    text: &'f str,
    count: usize,
}

impl Filled {
    /// One of everything.
    pub(crate) async fn one() -> Self {
        Self::of(Site::new().await, 1, "plain").await
    }

    /// More of everything than a page shows.
    pub(crate) async fn many() -> Self {
        Self::of(Site::new().await, MANY, "plain").await
    }

    /// One of everything, with a text wherever others can write one.
    pub(crate) async fn saying(text: &str) -> Self {
        Self::of(Site::new().await, 1, text).await
    }

    /// So much of everything, in a database that is empty.
    pub(crate) async fn of(site: Site, count: usize, text: &str) -> Self {
        let (work, still) = (format!("{text} work"), format!("{text} still"));
        let filling = Filling { client: &site.client, work, still, text, count };
        // Without a server they are still there when they are stopped.
        filling.operations().await;
        let servers = filling.servers().await;
        let mut jobs = filling.run().await;
        let scheduled = filling.scheduled().await;
        jobs.extend(filling.awaiting(scheduled).await);
        jobs.push((State::Scheduled, scheduled));
        let batch = filling.batches().await;
        let members = site.client.batch(batch).jobs(None, 1).await.expect("members");
        jobs.push((State::Enqueued, members[0]));
        jobs.push((State::Deleted, filling.deleted().await));
        filling.recurring().await;
        filling.paused().await;
        filling.settled().await;
        let recurring = utf8_percent_encode(&format!("{text} 0"), NON_ALPHANUMERIC).to_string();
        Self { site, batch, recurring, jobs, servers }
    }

    /// The job in this state.
    pub(crate) fn job(&self, state: State) -> JobId {
        self.jobs.iter().find(|(of, _)| *of == state).expect("a job in each state").1
    }

    /// A path in which `{batch}` and the states stand for what is stored, as in `/jobs/{failed}`.
    pub(crate) fn path(&self, path: &str) -> String {
        let path = path.replace("{batch}", &self.batch.to_string()).replace("{recurring}", &self.recurring);
        self.jobs.iter().fold(path, |path, (state, id)| path.replace(&format!("{{{state}}}"), &id.to_string()))
    }

    /// The paths of all pages.
    pub(crate) fn paths(&self) -> Vec<String> {
        CASES.iter().map(|case| self.path(case.path)).collect()
    }

    /// The same without servers: what ran is enqueued.
    pub(crate) async fn stop(&mut self) {
        for server in self.servers.drain(..) {
            server.stop_now().await;
        }
    }
}

impl Filling<'_> {
    fn operator(&self) -> Operator {
        self.client.by(Actor::new(self.text, Via::Page)).because(self.text)
    }

    /// One, or three with room for all that is to run.
    async fn servers(&self) -> Vec<RunningServer> {
        let mut servers = Vec::new();
        for _ in 0..self.count.min(3) {
            let server = self.client.server().name(self.text).queues([&*self.work]).workers(self.count + 1);
            // The kinds of other tests are in this program too.
            let server = server.only_kinds(["deliver", "fail", "hold", "greet"].map(kind));
            servers.push(server.start().await.expect("a server"));
        }
        servers
    }

    /// Jobs that have succeeded, that have failed, each with an error of its own, and that run.
    async fn run(&self) -> Vec<(State, JobId)> {
        let (client, text) = (self.client, self.text);
        let delivered = client.enqueue_all((0..self.count).map(|_| deliver::new(text, SECRET)));
        let delivered = delivered.queue(&*self.work).tag(text).meta(text, text).await.expect("jobs");
        // Numbers count as alike in errors, letters do not.
        let error = |number: usize| format!("{text} {}", "x".repeat(number + 1));
        let failed = client.enqueue_all((0..self.count).map(|number| fail::new(error(number), SECRET)));
        let failed = failed.queue(&*self.work).await.expect("jobs");
        for job in &delivered {
            assert_eq!(job.wait().await.expect("an end"), State::Succeeded);
        }
        for job in &failed {
            assert_eq!(job.wait().await.expect("an end"), State::Failed);
        }
        let held = client.enqueue_all((0..self.count).map(|_| hold::new(text, SECRET)));
        let held = held.queue(&*self.work).await.expect("jobs");
        vec![(State::Succeeded, delivered[0].id()), (State::Failed, failed[0].id()), (State::Processing, held[0].id())]
    }

    /// Jobs of a later time, each in a queue of its own.
    async fn scheduled(&self) -> JobId {
        let job = |number: usize| {
            let job = greet::enqueue(self.text, SECRET).queue(format!("{} {number}", self.text));
            job.delay("30d").priority(7).tag(self.text).meta(self.text, self.text).on(self.client).into_future()
        };
        let jobs = join_all((0..self.count).map(job)).await;
        jobs.into_iter().next().expect("at least one").expect("a job").id()
    }

    async fn awaiting(&self, parent: JobId) -> Option<(State, JobId)> {
        let parent = &self.client.job(parent);
        let job = |_| greet::enqueue(self.text, SECRET).queue(&self.still).after(parent).on(self.client).into_future();
        let jobs = join_all((0..self.count).map(job)).await;
        jobs.into_iter().next().map(|job| (State::Awaiting, job.expect("a job").id()))
    }

    /// A batch with as many members as there are batches.
    async fn batches(&self) -> BatchId {
        let mut first = None;
        for number in 0..self.count {
            let members = if number == 0 { self.count } else { 1 };
            let (text, still) = (self.text.to_owned(), self.still.clone());
            let members = (0..members).map(move |_| greet::enqueue(&*text, SECRET).queue(&still));
            let batch = Batch::new(self.text).jobs(members).on(self.client).enqueue().await.expect("a batch");
            first.get_or_insert(batch.id());
        }
        first.expect("at least one")
    }

    async fn deleted(&self) -> JobId {
        let jobs = self.client.enqueue_all((0..self.count).map(|_| greet::new(self.text, SECRET)));
        let jobs = jobs.queue(&self.still).await.expect("jobs");
        let operator = self.operator();
        for job in &jobs {
            assert!(operator.delete(job.id()).await.expect("an answer"));
        }
        jobs[0].id()
    }

    /// Operations that were stopped.
    async fn operations(&self) {
        let operator = self.operator();
        for _ in 0..self.count {
            let filter = JobFilter::new(State::Scheduled).queue(format!("{} nowhere", self.text)).kind(self.text);
            let act = BulkAct::Move { queue: self.text.into() };
            let operation = operator.begin(filter, act).await.expect("an operation");
            assert!(operator.cancel_operation(operation).await.expect("an answer"));
        }
    }

    /// Recurring jobs, the first of them paused.
    async fn recurring(&self) {
        for number in 0..self.count {
            let recurring = self.client.recurring(format!("{} {number}", self.text)).cron("0 0 1 1 *");
            recurring.upsert(greet::new(self.text, SECRET)).await.expect("a recurring job");
        }
        let first = format!("{} 0", self.text);
        self.operator().pause(PauseTarget::Recurring(first.into()), None).await.expect("paused");
    }

    async fn paused(&self) {
        for target in [PauseTarget::Queue(self.still.as_str().into()), PauseTarget::Kind(kind("greet").into())] {
            self.operator().pause(target, None).await.expect("paused");
        }
    }

    /// Waits until what servers note in their own time is there.
    async fn settled(&self) {
        let most = u32::try_from(self.count).expect("a small number");
        until("the errors are counted", async || {
            self.client.errors(ErrorFilter::new().limit(most)).await.expect("errors").len() == self.count
        })
        .await;
        until("all that runs has said how far it is", async || {
            let running = self.client.jobs(JobFilter::new(State::Processing).limit(most)).await.expect("jobs").jobs;
            running.len() == self.count && running.iter().all(|job| job.progress.is_some())
        })
        .await;
        until("the servers have said what they run", async || {
            let servers = self.client.servers().await.expect("servers");
            servers.iter().map(|server| server.info.running).sum::<u32>() == most
        })
        .await;
    }
}

/// The kind of a function in this file.
fn kind(name: &str) -> String {
    format!("{}::{name}", module_path!())
}

async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}: it never comes"));
}
