//! What operators ask of the whole system.

use std::collections::BTreeMap;

use super::{
    Fixture,
    kit::{World, between},
    make::{HOUR, KIND, MINUTE, QUEUE, ask, job, job_in, job_of},
};
use crate::{
    Result, State,
    storage::{LineTotal, NewJob},
};

pub(super) async fn totals_tell_what_is_set_aside(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.insert_all(vec![job(), job(), job_of("other"), job_in("lane")]).await?;
    w.claim_ids(ask(server, 1)).await?;
    assert_eq!(w.storage.park(100).await?, 1);
    w.insert(job_of("other")).await?;
    let total = |queue: &str, kind: &str, state, parked| LineTotal {
        queue: queue.into(),
        kind: kind.into(),
        state,
        parked,
        jobs: 1,
    };
    let mut expected = vec![
        total(QUEUE, KIND, State::Enqueued, false),
        total(QUEUE, KIND, State::Processing, false),
        total(QUEUE, "other", State::Enqueued, false),
        total(QUEUE, "other", State::Enqueued, true),
        total("lane", KIND, State::Enqueued, false),
    ];
    expected.sort();
    for storage in [w.storage.clone(), w.another().await?] {
        let mut totals = storage.line_totals().await?;
        totals.sort();
        assert_eq!(totals, expected);
    }
    Ok(())
}

pub(super) async fn tables_are_of_the_version_that_the_program_needs(w: &World<impl Fixture>) -> Result<()> {
    let schema = w.storage.schema().await?;
    assert!(schema.fits() && !schema.is_older(), "{schema:?}");
    assert_eq!(w.storage.system().await?.schema, schema.needed);
    Ok(())
}

pub(super) async fn the_longest_wait_of_each_queue_is_told(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.queue_waits().await?, []);
    let start = w.now().await?;
    let in_queue = |queue: &str, priority| NewJob { priority, ..job_in(queue) };
    // In one queue the most urgent waits longest, in the other the least; a suspect waits as well.
    w.insert_all(vec![in_queue("low", -5), in_queue("high", 5)]).await?;
    let suspect = w.suspect(job_in("suspect")).await?;
    w.advance(HOUR);
    w.insert_all(vec![in_queue("low", 5), in_queue("low", 0), in_queue("high", 0), in_queue("high", -5)]).await?;
    w.advance(MINUTE);
    w.insert(job_in("young")).await?;
    w.insert(NewJob { due: crate::storage::Due::In(HOUR), ..job_in("later") }).await?;
    w.advance(MINUTE);
    let before = w.now().await?;
    let waits: BTreeMap<_, _> = w.storage.queue_waits().await?.into_iter().collect();
    let after = w.now().await?;
    assert_eq!(waits.keys().collect::<Vec<_>>(), ["high", "low", "suspect", "young"]);
    let whole = before.duration_since(start).unsigned_abs();
    let most = after.duration_since(start).unsigned_abs();
    for queue in ["high", "low"] {
        between(whole - MINUTE, waits[queue], most);
    }
    let due = w.get(suspect).await?.due_at;
    between(before.duration_since(due).unsigned_abs(), waits["suspect"], after.duration_since(due).unsigned_abs());
    between(MINUTE, waits["young"], 2 * MINUTE);
    Ok(())
}

pub(super) async fn the_database_tells_its_version_and_sizes(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(10).await?;
    let before = w.now().await?;
    let system = w.storage.system().await?;
    between(before, system.now, w.now().await?);
    assert!(system.version.chars().any(|letter| letter.is_ascii_digit()), "{system:?}");
    assert!(system.schema >= 4, "{system:?}");
    assert_eq!(system.migrations.last().map(|step| step.version), Some(system.schema), "{system:?}");
    assert!(system.migrations.is_sorted_by_key(|step| step.version), "the oldest first: {system:?}");
    assert_eq!(system.migrations[0].name, "foundation");
    assert!(system.migrations.iter().all(|step| step.applied_at <= system.now), "{system:?}");
    assert!(system.sizes.is_sorted_by(|a, b| a.bytes >= b.bytes), "the largest first: {system:?}");
    assert!(system.sizes.iter().any(|size| size.bytes > 0), "{system:?}");
    assert!(system.sizes.iter().all(|size| size.bytes >= 0 && size.rows.is_none_or(|rows| rows >= 0)), "{system:?}");
    Ok(())
}
