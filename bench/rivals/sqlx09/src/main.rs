//! The rivals that are built on SQLx 0.9; `--system` picks one.

mod systems;

use anyhow::{Result, bail};
use jobs_bench_rivals_driver::{Task, run};

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::parse();
    match task.system.as_str() {
        "graphile_worker" => run(systems::graphile_worker::GraphileWorker::connect(&task.url).await?, &task).await,
        "apalis" => run(systems::apalis::Apalis::connect(&task.url).await?, &task).await,
        "apalis_sqlite" => run(systems::apalis_sqlite::ApalisSqlite::connect(&task.url).await?, &task).await,
        other => bail!("there is no rival named {other}"),
    }
}
