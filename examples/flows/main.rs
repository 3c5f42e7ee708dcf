//! Jobs that run after each other, alone and in batches: each form in about ten lines, in a kitchen.
//!
//! ```sh
//! cargo run --example flows
//! ```
//!
//! A good order to read it in:
//!
//! 1. `jobs.rs`: the jobs, and how they take what others returned
//! 2. `after.rs`: one job after another, after several, after a failure
//! 3. `batches.rs`: many jobs with one outcome, and what runs after them
//! 4. `whole.rs`: a flow as one expression, and how it is drawn

#![allow(clippy::print_stdout, reason = "a program talks to the one who runs it")]

mod after;
mod batches;
mod jobs;
mod whole;

use ::jobs::prelude::*;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A file in a folder that goes away, and a server in this process: the flows would be the same on any other database.
    let folder = tempfile::tempdir()?;
    let client = Client::connect(&format!("sqlite://{}", folder.path().join("kitchen.db").display())).await?;
    client.install();
    let server = client.server().workers(4).start().await?;

    tell("continuation", after::continuation().await?);
    tell("chain", after::chain().await?);
    tell("all of several", after::all_of_several().await?);
    tell("first of several", after::first_of_several().await?);
    tell("try, catch, finally", after::branches().await?);
    tell("delay", after::delay().await?);

    tell("batch", batches::batch().await?);
    tell("batch with a failure", batches::batch_with_a_failure().await?);
    tell("nested batches", batches::nested().await?);
    tell("attach from inside", batches::attach_from_inside().await?);
    tell("batch after batch", batches::batch_after_batch().await?);
    tell("cancel", batches::cancel().await?);

    tell("diamond", whole::diamond().await?);
    tell("drawn as text", whole::as_text());
    tell("drawn by Mermaid", whole::as_mermaid());
    tell("drawn as it stands", whole::as_it_stands(&client).await?);

    server.stop().await;
    Ok(())
}

fn tell(form: &str, what_happened: String) {
    // A drawing has several lines, and begins on one of its own.
    let gap = if what_happened.contains('\n') { '\n' } else { ' ' };
    println!("{form}:{gap}{}", what_happened.trim_end());
}
