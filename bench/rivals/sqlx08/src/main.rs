//! The rivals that are built on SQLx 0.8; `--system` picks one.

mod systems;

use anyhow::{Result, bail};
use jobs_bench_rivals_driver::{Task, run};

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::parse();
    match task.system.as_str() {
        "awa" => run(systems::awa::Awa::connect(&task).await?, &task).await,
        "azums" | "azums_sqlite" => run(systems::azums::Azums::connect(&task).await?, &task).await,
        "fang" | "fang_mysql" => run(systems::fang::Fang::connect(&task.url).await?, &task).await,
        "later" | "later_sqlite" => run(systems::later::Later::connect(&task.url).await?, &task).await,
        "sqlxmq" => run(systems::sqlxmq::Sqlxmq::connect(&task.url).await?, &task).await,
        "underway" => run(systems::underway::Underway::connect(&task).await?, &task).await,
        other => bail!("there is no rival named {other}"),
    }
}
