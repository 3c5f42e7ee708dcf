//! Flows as one expression, and their drawings.

use ::jobs::{
    Flow, NodeId,
    parent::{Gives, Starts},
    prelude::*,
};

use crate::jobs::{apologise, chop, cook, fetch, fry, peel, wash_up};

/// A diamond: one job, two side by side after it, and one after both.
pub(crate) async fn diamond() -> anyhow::Result<String> {
    let diamond = fetch::new("onion").then(join((chop::new(), fry::new()))).then(cook::new("curry"));
    Ok(diamond.enqueue().await?.output().await?)
}

/// A flow is a value: it may be made in one place, drawn in another, and stored in a third, or never.
fn curry() -> Flow<'static, impl Starts, Gives<String>> {
    let onion = fetch::new("onion").then(join((chop::new(), fry::new())));
    let potatoes = Batch::new("potatoes").jobs((1..=10).map(peel::new)).then(fetch::new("pot"));
    join((onion, potatoes)).then(cook::new("curry")).on_failure(apologise::new()).finally(wash_up::new())
}

/// The steps of a flow, and what each waits for.
pub(crate) fn as_text() -> String {
    curry().to_text()
}

/// The same for <https://mermaid.live>, and for every page that draws Mermaid's flowcharts.
pub(crate) fn as_mermaid() -> String {
    curry().to_mermaid()
}

/// A flow that is stored, with the state of each step.
pub(crate) async fn as_it_stands(client: &Client) -> anyhow::Result<String> {
    let curry = curry().enqueue().await?;
    for step in curry.nodes() {
        // The last step is the washing-up, which has ended when all of them have.
        if let NodeId::Job(job) = step {
            client.job(*job).wait().await?;
        }
    }
    Ok(client.flow(&curry).await?.to_text())
}
