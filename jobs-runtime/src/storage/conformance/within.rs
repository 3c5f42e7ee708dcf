//! Changes and definitions in the application's own transactions.

use super::{
    Ending::{self, Commit, Rollback},
    Fixture,
    kit::World,
    make::{HOUR, MINUTE, ask, job, spec},
};
use crate::{
    JobId, Result, State,
    state::{Event, transition},
    storage::{Change, Changed, Due, RecurringSpec},
};

async fn change(
    w: &World<impl Fixture>,
    id: JobId,
    change: Change,
    guard: Option<Vec<State>>,
    ending: Ending,
) -> Result<Option<Changed>> {
    w.within(ending, move |storage, tx| {
        Box::pin(async move { storage.job_change_within(tx.connection(), id, change, guard).await })
    })
    .await
}

fn changes() -> [(Change, Event); 6] {
    [
        (Change::Delete { reason: "sold out".into() }, Event::Delete),
        (Change::Requeue, Event::Requeue),
        (Change::Reschedule(Due::In(HOUR)), Event::Reschedule),
        (Change::Cancel { reason: "sold out".into() }, Event::Delete),
        (Change::Move { queue: "another".into() }, Event::Move),
        (Change::Prioritize(7), Event::Prioritize),
    ]
}

const STATES: [State; 6] =
    [State::Scheduled, State::Enqueued, State::Processing, State::Succeeded, State::Failed, State::Deleted];

pub(super) async fn a_change_is_made_with_the_commit(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for from in STATES {
        for (what, event) in changes() {
            let id = w.job_in_state(server, from).await?;
            let changed = change(w, id, what.clone(), None, Commit).await?.expect("the job is stored");
            assert_eq!(changed.from, from, "{what:?}");
            let asks_only = matches!((&what, from), (Change::Cancel { .. }, State::Processing));
            let to = if asks_only { Ok(from) } else { transition(from, event) };
            assert_eq!(changed.took_effect, to.is_ok(), "{what:?} of a job that is {from}");
            assert_eq!(w.state(id).await?, to.unwrap_or(from), "{what:?} of a job that was {from}");
        }
    }
    Ok(())
}

pub(super) async fn a_change_that_is_rolled_back_was_never_made(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for from in STATES {
        for (what, _) in changes() {
            let id = w.job_in_state(server, from).await?;
            let (record, events) = (w.get(id).await?, w.storage.job_events(id).await?);
            change(w, id, what.clone(), None, Rollback).await?;
            assert_eq!(w.get(id).await?, record, "{what:?}");
            assert_eq!(w.storage.job_events(id).await?, events, "{what:?}");
        }
    }
    Ok(())
}

pub(super) async fn a_change_in_a_transaction_obeys_its_guard(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.job_in_state(server, State::Enqueued).await?;
    let requeue = Some(vec![State::Failed, State::Deleted]);
    let delete = Change::Delete { reason: "not wanted".into() };
    let refused = change(w, id, delete.clone(), requeue.clone(), Commit).await?;
    assert_eq!(refused, Some(Changed { took_effect: false, from: State::Enqueued }));
    let made = change(w, id, delete, Some(vec![State::Enqueued]), Commit).await?;
    assert_eq!(made, Some(Changed { took_effect: true, from: State::Enqueued }));
    let again = change(w, id, Change::Requeue, requeue, Commit).await?;
    assert_eq!(again, Some(Changed { took_effect: true, from: State::Deleted }));
    assert_eq!(change(w, JobId::new(), Change::Requeue, None, Commit).await?, None, "an unknown job");
    w.claim_one(server, id).await?;
    Ok(())
}

pub(super) async fn a_transaction_sees_what_it_has_stored(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for ending in [Rollback, Commit] {
        let (kept, deleted) = (job(), job());
        let (kept_id, deleted_id) = (kept.id, deleted.id);
        let work = w.within(ending, move |storage, tx| {
            Box::pin(async move {
                storage.job_insert_within(tx.connection(), vec![kept, deleted]).await?;
                let delete = Change::Delete { reason: "thought better of it".into() };
                storage.job_change_within(tx.connection(), deleted_id, delete, None).await
            })
        });
        assert_eq!(work.await?, Some(Changed { took_effect: true, from: State::Enqueued }));
        if ending == Rollback {
            assert_eq!(w.storage.recount().await?, []);
        } else {
            assert_eq!(w.state(deleted_id).await?, State::Deleted);
            w.take(server, &[kept_id]).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_transaction_that_goes_on_after_an_error_may_still_commit(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let (good, bad) = (job(), crate::storage::NewJob { payload: super::REFUSED.to_vec(), ..job() });
    let id = good.id;
    let refused = w.within(Commit, move |storage, tx| {
        Box::pin(async move {
            let refused = storage.job_insert_within(tx.connection(), vec![job(), bad]).await.is_err();
            storage.job_insert_within(tx.connection(), vec![good]).await?;
            Ok(refused)
        })
    });
    assert!(refused.await?, "the database refuses it");
    assert_eq!(w.state(id).await?, State::Enqueued);
    let server = w.server().await?;
    w.take(server, &[id]).await?;
    assert_eq!(w.claim_ids(ask(server, 9)).await?, [], "nothing of the call that failed");
    Ok(())
}

pub(super) async fn a_definition_obeys_the_transaction_that_it_is_stored_in(w: &World<impl Fixture>) -> Result<()> {
    let next_at = w.now().await? + MINUTE;
    let upsert = async |cron: &str, ending| {
        let spec = RecurringSpec { cron: cron.into(), ..spec("digest") };
        w.within(ending, move |storage, tx| {
            Box::pin(async move { storage.recurring_upsert_within(tx.connection(), spec, Some(next_at)).await })
        })
        .await
    };
    let stored =
        async || Ok::<_, crate::Error>(w.storage.recurring_get("digest").await?.map(|stored| stored.spec.cron));
    upsert("0 8 * * *", Rollback).await?;
    assert_eq!(stored().await?, None);
    upsert("0 8 * * *", Commit).await?;
    upsert("0 9 * * *", Rollback).await?;
    assert_eq!(stored().await?.as_deref(), Some("0 8 * * *"));
    let remove = async |ending| {
        w.within(ending, |storage, tx| {
            Box::pin(async move { storage.recurring_remove_within(tx.connection(), "digest").await })
        })
        .await
    };
    assert!(remove(Rollback).await?);
    assert!(stored().await?.is_some());
    assert!(remove(Commit).await?);
    assert!(!remove(Commit).await?);
    assert_eq!(stored().await?, None);
    Ok(())
}

pub(super) async fn a_trigger_obeys_the_transaction_that_it_is_made_in(w: &World<impl Fixture>) -> Result<()> {
    w.storage.recurring_upsert(spec("digest"), None).await?;
    let trigger = async |id: &'static str, ending| {
        let made = job();
        let job = made.id;
        let work = w.within(ending, move |storage, tx| {
            Box::pin(async move { storage.recurring_trigger_within(tx.connection(), id, made).await })
        });
        let known = work.await?;
        Ok::<_, crate::Error>((known, w.storage.job_get(job).await?.is_some()))
    };
    assert_eq!(trigger("digest", Rollback).await?, (true, false));
    assert_eq!(trigger("digest", Commit).await?, (true, true));
    assert_eq!(trigger("unknown", Commit).await?, (false, false));
    Ok(())
}
