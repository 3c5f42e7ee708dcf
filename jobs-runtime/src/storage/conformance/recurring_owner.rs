//! Definitions of the code, which live servers declare, and definitions that are paused.

use std::sync::Arc;

use super::{
    Fixture,
    kit::{LEASE, World},
    make::{DAY, HOUR, KIND, MINUTE, fire, spec},
};
use crate::{
    Result, ServerId,
    storage::{Due, Fire, Owner, PauseTarget, RecurringRecord, RecurringSpec},
};

/// Stores a definition of the code.
async fn define(w: &World<impl Fixture>, id: &str) -> Result<()> {
    let next_at = w.now().await? + 400 * DAY;
    w.storage.recurring_upsert(RecurringSpec { owner: Owner::Code, ..spec(id) }, Some(next_at)).await
}

async fn get(w: &World<impl Fixture>, id: &str) -> Result<RecurringRecord> {
    Ok(w.storage.recurring_get(id).await?.unwrap_or_else(|| panic!("the definition {id} is stored")))
}

/// The ids that are stored, and those of them that are orphaned.
async fn stored(w: &World<impl Fixture>) -> Result<(Vec<Arc<str>>, Vec<Arc<str>>)> {
    let listed = w.storage.recurring_list().await?;
    let orphaned = listed.iter().filter(|record| record.orphaned).map(|record| Arc::clone(&record.spec.id)).collect();
    for record in &listed {
        assert_eq!(get(w, &record.spec.id).await?.orphaned, record.orphaned, "{}", record.spec.id);
    }
    Ok((listed.into_iter().map(|record| record.spec.id).collect(), orphaned))
}

fn ids(ids: &[&str]) -> Vec<Arc<str>> {
    ids.iter().map(|id| Arc::from(*id)).collect()
}

pub(super) async fn what_no_live_server_declares_is_orphaned(w: &World<impl Fixture>) -> Result<()> {
    for id in ["a", "b", "İş 'günü'"] {
        define(w, id).await?;
    }
    w.storage.recurring_upsert(spec("tenant"), None).await?;
    assert_eq!(stored(w).await?.1, ids(&["a", "b", "İş 'günü'"]), "none but those of the code");
    let (first, second) = (ServerId::new(), ServerId::new());
    w.declare(first, &["a", "İş 'günü'", "unknown", "tenant"]).await?;
    w.declare(second, &["a", "b"]).await?;
    assert_eq!(stored(w).await?.1, []);
    w.storage.server_retire(second).await?;
    assert_eq!(stored(w).await?.1, ids(&["b"]));
    w.declare(first, &["b"]).await?;
    assert_eq!(stored(w).await?.1, ids(&["a", "İş 'günü'"]), "the newest beat counts");
    w.advance(LEASE);
    assert_eq!(stored(w).await?.1.len(), 3, "no lease is valid");
    assert_eq!(stored(w).await?.0.len(), 4, "none is gone");
    Ok(())
}

pub(super) async fn a_sweep_removes_what_was_orphaned_for_so_long(w: &World<impl Fixture>) -> Result<()> {
    define(w, "gone").await?;
    define(w, "stays").await?;
    w.storage.recurring_upsert(spec("tenant"), None).await?;
    let (old, new) = (ServerId::new(), ServerId::new());
    w.declare(old, &["gone", "stays"]).await?;
    w.advance(MINUTE);
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 0);
    w.storage.server_retire(old).await?;
    w.declare(new, &["stays"]).await?;
    for _ in 0..23 {
        w.advance(HOUR);
        w.declare(new, &["stays"]).await?;
        assert_eq!(w.storage.recurring_sweep(DAY).await?, 0, "a deploy may take a while");
    }
    w.advance(HOUR);
    w.declare(new, &["stays"]).await?;
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 1);
    assert_eq!(stored(w).await?, (ids(&["stays", "tenant"]), vec![]));
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 0);
    Ok(())
}

pub(super) async fn what_is_declared_again_in_time_stays(w: &World<impl Fixture>) -> Result<()> {
    define(w, "nightly").await?;
    let next_at = get(w, "nightly").await?.next_at;
    w.declare(ServerId::new(), &["nightly"]).await?;
    w.advance(DAY - HOUR);
    assert_eq!(stored(w).await?.1, ids(&["nightly"]));
    let back = ServerId::new();
    w.declare(back, &["nightly"]).await?;
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 0);
    w.advance(DAY - HOUR);
    w.beat(back, &[KIND]).await?;
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 0, "the time begins anew");
    define(w, "nightly").await?;
    w.advance(DAY - HOUR);
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 0, "an upsert declares it too");
    assert_eq!(get(w, "nightly").await?.next_at, next_at, "and nothing was lost");
    Ok(())
}

pub(super) async fn a_removed_definition_can_be_declared_anew(w: &World<impl Fixture>) -> Result<()> {
    define(w, "nightly").await?;
    w.advance(DAY + MINUTE);
    assert_eq!(w.storage.recurring_sweep(DAY).await?, 1);
    assert!(w.storage.recurring_get("nightly").await?.is_none());
    define(w, "nightly").await?;
    w.declare(ServerId::new(), &["nightly"]).await?;
    assert_eq!(stored(w).await?, (ids(&["nightly"]), vec![]));
    Ok(())
}

pub(super) async fn a_paused_definition_is_due_and_says_so(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? - MINUTE;
    for id in ["paused", "other"] {
        w.storage.recurring_upsert(spec(id), Some(at)).await?;
    }
    let target = PauseTarget::Recurring("paused".into());
    w.storage.pause(target.clone(), "testing".into(), Some(Due::In(HOUR))).await?;
    let (_, due, _) = w.storage.recurring_due(&[]).await?;
    let mut found: Vec<_> = due.iter().map(|record| (&*record.spec.id, record.pause.is_some())).collect();
    found.sort();
    assert_eq!(found, [("other", false), ("paused", true)]);
    let pause = get(w, "paused").await?.pause.expect("it is paused");
    assert_eq!((&pause.target, &*pause.reason), (&target, "testing"));
    assert_eq!(w.storage.pauses().await?, [pause]);
    // What the scheduler does with it.
    let moved = Fire { jobs: Vec::new(), ..fire("paused", at, Some(at + 2 * HOUR)) };
    assert_eq!(w.storage.recurring_fire(moved).await?, 0);
    let record = get(w, "paused").await?;
    assert_eq!((record.next_at, record.last_at), (Some(at + 2 * HOUR), None));
    w.advance(2 * HOUR);
    let (_, due, _) = w.storage.recurring_due(&[]).await?;
    assert!(due.len() == 2 && due.iter().all(|record| record.pause.is_none()), "the pause is over: {due:?}");
    Ok(())
}
