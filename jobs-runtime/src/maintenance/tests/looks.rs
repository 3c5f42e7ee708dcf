//! What the looks of the server mean for its services.

use super::*;
use crate::{server::looker::View, storage::Outlook};

/// What is seen after so long by the database's clock.
fn after(seconds: i64) -> Outlook {
    Outlook { now: NOW + SignedDuration::from_secs(seconds), ..Outlook::default() }
}

fn view(outlook: Outlook) -> View {
    View { at: Instant::now(), outlook, since: NOW }
}

#[tokio::test(start_paused = true)]
async fn a_rescuer_rests_where_all_leases_are_valid_and_keeps_the_sweep_where_one_is_not() {
    let (fake, rescuer) = rescuer();
    pass(&fake, SWEEP).await;
    assert_eq!(rescuer.run_once().await.ok(), Some(SWEEP), "a first look has found a chunk");
    pass(&fake, SWEEP).await;
    assert_eq!(rescuer.run_once().await.ok(), Some(SWEEP), "which is put back");
    pass(&fake, SWEEP).await;
    assert_eq!(rescuer.run_once().await.ok(), Some(QUIET), "all is clear");
    fake.fail("now", [away()]);
    assert!(rescuer.run_once().await.is_err());
    pass(&fake, SWEEP).await;
    assert_eq!(rescuer.run_once().await.ok(), Some(SWEEP), "the lease that is waited after an error is not over");
}

#[tokio::test(start_paused = true)]
async fn a_rescuer_is_called_by_what_is_dead_and_by_the_loss_of_its_own_lease() {
    let (_, rescuer, beats) = rescuer_that_trusts(LEASE);
    assert_eq!(rescuer.due_in(&view(after(0))), None);
    for seen in [Outlook { rescue: true, ..after(0) }, Outlook { sweep: true, ..after(0) }] {
        assert_eq!(rescuer.due_in(&view(seen)), Some(Duration::ZERO));
    }
    advance(LEASE).await;
    assert_eq!(rescuer.due_in(&view(after(12))), Some(Duration::ZERO), "its own lease is over");
    assert_eq!(rescuer.run_once().await.ok(), Some(SWEEP), "and it notes that");
    drop(beats);
}

#[tokio::test(start_paused = true)]
async fn a_rescue_takes_two_looks_a_sweep_apart_from_when_the_chunk_is_seen() {
    let (fake, rescuer) = rescuer();
    fake.world().dead.clear();
    let views = Views::default();
    let hints = Hints { views: Some(views.listen()), rest: SWEEP, ..Hints::default() };
    let task = tokio::spawn(supervise(rescuer, hints));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fake.calls("rescue_candidates"), 1, "nothing is seen");
    fake.world().dead.push(Fence(1));
    fake.world().clock += Duration::from_secs(60);
    let begin = Instant::now();
    while fake.world().rescued.is_empty() {
        views.see(Outlook { rescue: true, ..after(60) });
        tokio::time::sleep(Duration::from_secs(1)).await;
        fake.world().clock += Duration::from_secs(1);
    }
    assert_eq!(
        begin.elapsed(),
        SWEEP + Duration::from_secs(1),
        "a sweep, and the second that this test takes to see it"
    );
    assert_eq!(fake.calls("rescue_candidates"), 3);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn looks_show_that_the_server_was_not_away() {
    let fake = Arc::new(Fake::default());
    let registry = Registry::collect_where(&[&NIGHTLY], |job| job.kind == "nightly").expect("one kind");
    let views = Views::default();
    let scheduler = Recurring::new(fake.clone(), &registry, views.listen()).expect("args without faults");
    let run_at = async |seconds: u64| {
        fake.world().clock = Duration::from_secs(seconds);
        scheduler.run_once().await.expect("the storage is there");
        fake.calls("recurring_upsert")
    };
    views.see(after(0));
    assert_eq!(run_at(0).await, 1);
    fake.world().recurring.clear();
    for seconds in [50, 100, 150, 200] {
        views.see(after(seconds));
    }
    assert_eq!(run_at(220).await, 1, "somebody has removed it while this server was there");
    views.see(after(240));
    views.see(after(301));
    let last = views.listen().borrow().clone().expect("it was seen");
    assert_eq!(scheduler.due_in(&last), Some(Duration::ZERO), "there was no look for 61 s");
    assert_eq!(run_at(302).await, 2);
    assert_eq!(scheduler.due_in(&last), None);
    views.lose();
    fake.world().recurring.clear();
    assert_eq!(run_at(400).await, 3, "nobody knows");
}

#[tokio::test(start_paused = true)]
async fn a_service_goes_on_when_the_looks_say_so_and_not_before() {
    let fake = Arc::new(Fake::default());
    let views = Views::default();
    let rest = promoter::REST;
    let hints = Hints { views: Some(views.listen()), rest, ..Hints::default() };
    let task = tokio::spawn(supervise(Promoter::new(fake.clone()), hints));
    let promoted = async |after: Duration| {
        tokio::time::sleep(after).await;
        fake.calls("promote")
    };
    assert_eq!(promoted(Duration::from_millis(1)).await, 1, "at the start");
    for _ in 0..60 {
        views.see(after(0));
        assert_eq!(promoted(Duration::from_secs(1)).await, 1, "nothing is scheduled");
    }
    views.see(Outlook { scheduled_in: Some(Duration::from_millis(20_500)), ..after(0) });
    assert_eq!(promoted(Duration::from_millis(20_499)).await, 1);
    assert_eq!(promoted(Duration::from_millis(2)).await, 2, "the moment that was told");
    views.see(Outlook { scheduled_in: Some(Duration::ZERO), ..after(0) });
    assert_eq!(promoted(rest - Duration::from_millis(2)).await, 2, "but not without a rest");
    assert_eq!(promoted(Duration::from_millis(2)).await, 3);
    views.see(Outlook { scheduled_in: Some(Duration::MAX), ..after(0) });
    for asked in 4..8 {
        views.lose();
        assert_eq!(promoted(Duration::from_secs(1)).await, asked, "nobody looks, so it asks");
    }
    assert_eq!(promoted(QUIET).await, 8, "and in any case after so long");
    task.abort();
}
