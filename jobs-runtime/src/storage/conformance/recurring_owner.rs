//! Definitions of the code, which live servers declare, and definitions that are paused.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Fixture,
    kit::{LEASE, World},
    make::{DAY, HOUR, KIND, MINUTE, fire, spec},
};
use crate::{
    Result, ServerId,
    storage::{Acted, Deed, Due, Fire, Owner, PauseTarget, RecurringRecord, RecurringSpec},
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

/// An edit of a definition that says what `spec` says.
fn edit(id: &str, to: (&str, &str), next: Timestamp) -> Deed {
    let seen = (spec("").cron, spec("").zone);
    Deed::Alter { recurring: id.into(), seen, to: (to.0.into(), to.1.into()), next: Some(next) }
}

/// When a definition fires, and what the code says where that is something else.
fn when(record: &RecurringRecord) -> (&str, &str, Option<Timestamp>, Option<(&str, &str)>) {
    let of_code = record.of_code.as_ref().map(|(cron, zone)| (&**cron, &**zone));
    (&record.spec.cron, &record.spec.zone, record.next_at, of_code)
}

pub(super) async fn an_edit_of_what_the_code_defines_outlives_deploys(w: &World<impl Fixture>) -> Result<()> {
    define(w, "nightly").await?;
    let (edited, deployed) = (w.now().await? + HOUR, w.now().await? + 7 * HOUR);
    assert_eq!(w.act(edit("nightly", ("5 4 * * *", "UTC"), edited)).await?, Acted::Done);
    let (cron, zone) = (spec("").cron, spec("").zone);
    let expected = ("5 4 * * *", "UTC", Some(edited), Some((&*cron, &*zone)));
    assert_eq!(when(&get(w, "nightly").await?), expected);
    let listed = w.storage.recurring_list().await?;
    assert_eq!(when(&listed[0]), expected, "in the list too");
    // The same program starts again, and then one that says something else.
    let of_code = |cron: &str| RecurringSpec { owner: Owner::Code, cron: cron.into(), ..spec("nightly") };
    w.storage.recurring_upsert(of_code(&cron), Some(deployed)).await?;
    assert_eq!(when(&get(w, "nightly").await?), expected);
    let other = RecurringSpec { overlap: jobs_schedule::Overlap::Skip, ..of_code("0 6 * * *") };
    w.storage.recurring_upsert(other, Some(deployed)).await?;
    let stored = get(w, "nightly").await?;
    assert_eq!(when(&stored), ("5 4 * * *", "UTC", Some(edited), Some(("0 6 * * *", &*zone))));
    assert_eq!(stored.spec.overlap, jobs_schedule::Overlap::Skip, "the rest is the code's");
    // It is what falls due, and what an edit upon the edit is compared with.
    w.advance(2 * HOUR);
    let due = w.storage.recurring_due(&ids(&["nightly"])).await?.1;
    assert_eq!(due.iter().map(when).collect::<Vec<_>>(), [when(&stored)]);
    assert_eq!(w.act(edit("nightly", ("1 1 * * *", "UTC"), edited)).await?, Acted::Refused, "it has changed");
    let again = Deed::Alter {
        recurring: "nightly".into(),
        seen: ("5 4 * * *".into(), "UTC".into()),
        to: ("1 1 * * *".into(), zone.clone()),
        next: Some(deployed),
    };
    assert_eq!(w.act(again).await?, Acted::Done);
    assert_eq!(when(&get(w, "nightly").await?), ("1 1 * * *", &*zone, Some(deployed), Some(("0 6 * * *", &*zone))));
    Ok(())
}

pub(super) async fn an_edit_ends_where_the_code_says_the_same(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? + HOUR;
    let of_code = |id: &str, cron: &str| RecurringSpec { owner: Owner::Code, cron: cron.into(), ..spec(id) };
    let (cron, zone) = (spec("").cron, spec("").zone);
    for id in ["reset", "caught up", "taken over"] {
        define(w, id).await?;
        assert_eq!(w.act(edit(id, ("5 4 * * *", &zone), at)).await?, Acted::Done);
        assert!(get(w, id).await?.of_code.is_some());
    }
    // Somebody writes what the code says.
    let back = Deed::Alter {
        recurring: "reset".into(),
        seen: ("5 4 * * *".into(), zone.clone()),
        to: (cron.clone(), zone.clone()),
        next: Some(at + MINUTE),
    };
    assert_eq!(w.act(back).await?, Acted::Done);
    assert_eq!(when(&get(w, "reset").await?), (&*cron, &*zone, Some(at + MINUTE), None));
    // The code comes to say what somebody wrote.
    w.storage.recurring_upsert(of_code("caught up", "5 4 * * *"), Some(at + HOUR)).await?;
    assert_eq!(when(&get(w, "caught up").await?), ("5 4 * * *", &*zone, Some(at), None), "and no occurrence is lost");
    w.storage.recurring_upsert(of_code("caught up", "0 6 * * *"), Some(at + HOUR)).await?;
    assert_eq!(when(&get(w, "caught up").await?), ("0 6 * * *", &*zone, Some(at + HOUR), None), "the code says when");
    // A definition of that id that is made at run time is nobody's edit.
    w.storage.recurring_upsert(spec("taken over"), Some(at + HOUR)).await?;
    assert_eq!(when(&get(w, "taken over").await?), (&*cron, &*zone, Some(at + HOUR), None));
    assert_eq!(w.act(edit("taken over", ("5 4 * * *", "UTC"), at)).await?, Acted::Done);
    assert_eq!(get(w, "taken over").await?.of_code, None, "what was made at run time has no code to go back to");
    Ok(())
}
