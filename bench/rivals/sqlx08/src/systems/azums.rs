//! Azums, on PostgreSQL or SQLite.

use std::{ops::Range, process, str::FromStr, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use azums::{Job, NewJob, PostgresBackend, QueueConfig, QueueOrdering, QuickstartFlow, SqliteBackend, StorageBackend};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, chunks, ran, text};
use serde_json::json;
use sqlx::{
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{task::JoinSet, time::sleep};

const QUEUE: &str = "bench";

fn job(number: u64, text: &str, kind: Kind) -> NewJob {
    let job = Job::new("noop", json!({ "number": number, "text": text })).queue(QUEUE);
    let job = if let Kind::At(due) = kind { job.run_at(due.into()) } else { job };
    job.into()
}

/// Where it stores.
#[derive(Clone)]
enum Store {
    Postgres(PostgresBackend),
    Sqlite(SqliteBackend),
}

impl Store {
    async fn bulk(self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        match self {
            Self::Postgres(store) => {
                let mut transaction = store.pool().begin().await?;
                for number in numbers {
                    store.enqueue_in_tx(&mut transaction, job(number, &text(), kind)).await?;
                }
                transaction.commit().await?;
            }
            Self::Sqlite(store) => {
                let mut transaction = store.pool().begin().await?;
                for number in numbers {
                    store.enqueue_in_tx(&mut transaction, job(number, &text(), kind)).await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

/// The rival.
#[derive(Clone)]
pub struct Azums {
    store: Store,
    backend: Arc<dyn StorageBackend>,
}

impl Azums {
    /// Makes its tables.
    pub async fn connect(task: &Task) -> Result<Self> {
        let url = &task.url;
        let (store, backend): (_, Arc<dyn StorageBackend>) = if url.starts_with("sqlite") {
            // As its own pool, but what it acknowledges is to be stored: its own has `synchronous=NORMAL`.
            let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true).foreign_keys(true);
            let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            let options = options.busy_timeout(Duration::from_secs(5));
            let store = SqliteBackend::new(SqlitePoolOptions::new().max_connections(5).connect_with(options).await?);
            (Store::Sqlite(store.clone()), Arc::new(store))
        } else {
            let connections = u32::try_from(task.workers + 20)?.min(300);
            let pool = PgPoolOptions::new().max_connections(connections).after_connect(|connection, _| {
                // As its own pool does.
                Box::pin(async move { sqlx::query("set jit = off").execute(connection).await.map(drop) })
            });
            let store = PostgresBackend::new_with_url(pool.connect(url).await?, url.clone());
            (Store::Postgres(store.clone()), Arc::new(store))
        };
        backend.run_migrations().await?;
        Ok(Self { store, backend })
    }
}

impl Rival for Azums {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps what is done until its maintenance removes it");
    const NO_RETRIED: Option<&'static str> = Some("the pause before its second attempt is of seconds");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        // Calls that are the first for a queue in an hour fail when they meet.
        for _ in 0..20 {
            match self.backend.enqueue(job(number, &text, Kind::Now)).await {
                Ok(_) => return Ok(()),
                Err(error) if format!("{error:#}").contains("already exists") => sleep(Duration::from_millis(5)).await,
                Err(error) => return Err(error),
            }
        }
        bail!("its table for this hour is still being made")
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let mut chunks = chunks(numbers, 1_000);
        // The first alone, as it makes a table.
        self.store.clone().bulk(chunks.next().context("there are jobs")?, kind).await?;
        let at_once = if matches!(self.store, Store::Sqlite(_)) { 1 } else { 8 };
        let mut calls = JoinSet::new();
        for chunk in chunks {
            if calls.len() == at_once {
                calls.join_next().await.transpose()?.transpose()?;
            }
            calls.spawn(self.store.clone().bulk(chunk, kind));
        }
        while let Some(done) = calls.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let best = match (&self.store, task.measure) {
            (Store::Sqlite(_), _) => 1,
            (_, Measure::Latency | Measure::Loaded) => 4,
            (Store::Postgres(_), _) => 16,
        };
        let mut loops = JoinSet::new();
        // A loop runs one job after the other.
        for number in 0..task.workers_or(best) {
            let flow = QuickstartFlow::new(self.backend.clone()).with_queue(QUEUE);
            let flow = flow.with_worker_id(format!("bench-{number}")).with_lease_seconds(30);
            flow.configure_queue(QUEUE, QueueConfig::new(QueueOrdering::Fastest)).await;
            flow.register_handler("noop", |job: Job| async move {
                let number = job.payload["number"].as_u64().ok_or_else(|| anyhow!("no number"))?;
                ran(number, job.payload["text"].as_str().ok_or_else(|| anyhow!("no text"))?);
                Ok(())
            })
            .await;
            loops.spawn(async move {
                // A loop ends when SQLite is locked for long; whoever uses it has to start it again.
                while let Err(error) = flow.run().await {
                    if !format!("{error:#}").contains("locked") {
                        eprintln!("one of its loops has ended: {error:#}");
                        process::exit(1);
                    }
                }
            });
        }
        Ok(Box::pin(async move {
            loops.shutdown().await;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        let ask = "select not exists (select 1 from jobs where status <> 'succeeded')";
        Ok(match &self.store {
            Store::Postgres(store) => sqlx::query_scalar(ask).fetch_one(store.pool()).await?,
            Store::Sqlite(store) => sqlx::query_scalar(ask).fetch_one(store.pool()).await?,
        })
    }
}
