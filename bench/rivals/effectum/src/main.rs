//! Effectum, which stores its jobs in SQLite. It stands alone because of its version of SQLite's bindings.

mod effectum_queue;

use anyhow::{Result, bail};
use jobs_bench_rivals_driver::{Task, run};

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::parse();
    let log = match task.system.as_str() {
        "effectum" => false,
        "effectum_wal" => true,
        other => bail!("there is no rival named {other}"),
    };
    run(effectum_queue::Effectum::connect(&task.url, log).await?, &task).await
}
