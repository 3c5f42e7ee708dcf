//! Effectum, which stores its jobs in SQLite. It stands alone because of its version of SQLite's bindings.

mod effectum_queue;

use anyhow::{Result, ensure};
use jobs_bench_rivals_driver::{Task, run};

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::parse();
    ensure!(task.system == "effectum", "there is no rival named {}", task.system);
    run(effectum_queue::Effectum::connect(&task.url).await?, &task).await
}
