//! What the engines' floors have in common: who stores, who drains, how one wakes the other.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use jobs_bench_kit::{LIMIT, Latencies, Seen, text};
use sqlx::postgres::PgListener;
use tokio::{
    sync::{Mutex, Notify, mpsc, oneshot},
    task::JoinSet,
    time::{Instant, timeout},
};
use uuid::Uuid;

/// The channel by which the floor on PostgreSQL tells of new jobs.
pub(crate) const CHANNEL: &str = "limit";

/// How long who waits for jobs sleeps at most.
const LOOK: Duration = Duration::from_millis(200);

/// Jobs that were taken together.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) fence: i64,
    pub(crate) claimed_at: i64,
    pub(crate) jobs: Vec<(Uuid, Vec<u8>)>,
}

/// One connection, and an engine's best statements.
pub(crate) trait Floor: Send + Sized + 'static {
    /// How many connections store single calls, store a bulk, and drain; the best of those that were tried.
    const STORING: usize;
    const BULK: usize;
    const DRAINING: usize;
    /// How many jobs one statement of a bulk stores.
    const MANY: usize;
    /// How many jobs a claim takes.
    const CHUNK: usize;
    /// Whether a commit wakes other processes by itself.
    const NOTIFIES: bool;

    /// Makes the tables.
    fn prepare(url: &str) -> impl Future<Output = Result<()>> + Send;

    /// Connects; with `tells`, what is stored wakes who listens.
    fn open(url: &str, tells: bool) -> impl Future<Output = Result<Self>> + Send;

    /// Stores jobs by one durable commit.
    fn store(&mut self, numbers: &[u64]) -> impl Future<Output = Result<()>> + Send;

    /// The same of very many jobs.
    fn store_many(&mut self, numbers: &[u64]) -> impl Future<Output = Result<()>> + Send {
        self.store(numbers)
    }

    /// Ends the jobs of a chunk, keeping them or not, and takes the next ones.
    fn turn(&mut self, done: &Chunk, keep: bool) -> impl Future<Output = Result<Chunk>> + Send;
}

/// The engine's migrations, oldest first. They are read when they are needed, so that there is no list of them here to forget.
pub(crate) fn migrations(engine: &str) -> Result<Vec<String>> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs-runtime/src/storage").join(engine).join("migrations");
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    paths.iter().map(|path| Ok(fs::read_to_string(path)?)).collect()
}

/// A job's payload: its number and the text.
pub(crate) fn payload(number: u64) -> Vec<u8> {
    let mut payload = number.to_le_bytes().to_vec();
    payload.extend(text().into_bytes());
    payload
}

/// Which jobs have run, and how many have ended.
pub(crate) struct Done {
    pub(crate) seen: Seen,
    waits: Option<Arc<Latencies>>,
    jobs: u64,
    ended: AtomicU64,
    all: Notify,
}

impl Done {
    pub(crate) fn new(jobs: u64) -> Self {
        Self { seen: Seen::new(jobs, 1), waits: None, jobs, ended: AtomicU64::new(0), all: Notify::new() }
    }

    pub(crate) fn with_waits(self, waits: Arc<Latencies>) -> Self {
        Self { waits: Some(waits), ..self }
    }

    fn run(&self, chunk: &Chunk) -> Result<()> {
        for (_, payload) in &chunk.jobs {
            let (number, text) = payload.split_first_chunk::<8>().context("a payload begins with a number")?;
            let number = u64::from_le_bytes(*number);
            if let Some(waits) = self.waits.as_ref().filter(|waits| waits.is_of(number)) {
                waits.started(number);
            }
            self.seen.ran(number, std::str::from_utf8(text)?);
        }
        Ok(())
    }

    fn ended(&self, chunk: &Chunk) {
        self.ended.fetch_add(chunk.jobs.len() as u64, Ordering::Relaxed);
        if self.is_over() {
            self.all.notify_waiters();
        }
    }

    fn is_over(&self) -> bool {
        self.ended.load(Ordering::Relaxed) >= self.jobs
    }
}

/// How who drains hears of new jobs.
#[derive(Clone)]
pub(crate) enum Wake {
    Within(Arc<Notify>),
    Listening(Arc<Mutex<PgListener>>),
}

impl Wake {
    pub(crate) async fn listening(url: &str) -> Result<Self> {
        let mut listener = PgListener::connect(url).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self::Listening(Arc::new(Mutex::new(listener))))
    }

    async fn wait(&self) -> Result<()> {
        let woken = async {
            match self {
                Self::Within(notify) => notify.notified().await,
                Self::Listening(listener) => drop(listener.lock().await.recv().await?),
            }
            anyhow::Ok(())
        };
        timeout(LOOK, woken).await.unwrap_or(Ok(()))
    }
}

/// Stores single calls, as many as wait by one commit.
#[derive(Clone)]
pub(crate) struct Storer {
    calls: mpsc::UnboundedSender<(u64, oneshot::Sender<Result<()>>)>,
    pub(crate) wake: Wake,
}

impl Storer {
    pub(crate) async fn start<F: Floor>(url: &str, tells: bool) -> Result<Self> {
        let (calls, waiting) = mpsc::unbounded_channel::<(u64, oneshot::Sender<Result<()>>)>();
        let waiting = Arc::new(Mutex::new(waiting));
        let notify = Arc::new(Notify::new());
        for _ in 0..F::STORING {
            let mut connection = F::open(url, tells && F::NOTIFIES).await?;
            let (waiting, notify) = (Arc::clone(&waiting), Arc::clone(&notify));
            tokio::spawn(async move {
                loop {
                    let mut group = Vec::new();
                    if waiting.lock().await.recv_many(&mut group, F::MANY).await == 0 {
                        return;
                    }
                    let numbers: Vec<u64> = group.iter().map(|(number, _)| *number).collect();
                    let stored = connection.store(&numbers).await.map_err(|error| format!("{error:#}"));
                    notify.notify_one();
                    for (_, answer) in group {
                        let _ = answer.send(stored.clone().map_err(anyhow::Error::msg));
                    }
                }
            });
        }
        Ok(Self { calls, wake: Wake::Within(notify) })
    }

    pub(crate) async fn store(&self, number: u64) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.calls.send((number, answer)).ok().context("nobody stores any more")?;
        answered.await.context("nobody has stored the job")?
    }
}

/// Starts who takes, runs and ends jobs until all have ended. Without a wake, all are there already.
pub(crate) async fn drainers<F: Floor>(
    url: &str,
    done: &Arc<Done>,
    keep: bool,
    wake: Option<&Wake>,
) -> Result<JoinSet<Result<()>>> {
    let mut tasks = JoinSet::new();
    for _ in 0..if wake.is_some() { 1 } else { F::DRAINING } {
        let (mut connection, done, wake) = (F::open(url, false).await?, Arc::clone(done), wake.cloned());
        tasks.spawn(async move {
            let begin = Instant::now();
            let mut chunk = Chunk::default();
            loop {
                let next = connection.turn(&chunk, keep).await?;
                done.ended(&chunk);
                done.run(&next)?;
                chunk = next;
                if !chunk.jobs.is_empty() {
                    continue;
                }
                if done.is_over() {
                    return Ok(());
                }
                ensure!(begin.elapsed() < LIMIT, "jobs are missing after {LIMIT:?}");
                match &wake {
                    Some(wake) => wake.wait().await?,
                    // The others end what they have.
                    None => drop(timeout(Duration::from_millis(1), done.all.notified()).await),
                }
            }
        });
    }
    Ok(tasks)
}

/// Waits for all.
pub(crate) async fn join(mut tasks: JoinSet<Result<()>>) -> Result<()> {
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
