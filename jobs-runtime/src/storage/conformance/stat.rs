//! The statistics: what is counted, how it is rolled up, and what the totals tell.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::{
    Fixture,
    kit::World,
    make::{DAY, HOUR, KIND, MINUTE, QUEUE, all, ask, deletion, failure, finish, job, job_in, job_of, names, success},
};
use crate::{
    Result, State,
    storage::{Accepted, Change, ClaimRequest, End, Grain, Measure, StatPoint, StateTotal},
};

/// The sums of that grain since the beginning, by queue, kind, measure and bucket.
async fn sums(w: &World<impl Fixture>, grain: Grain) -> Result<BTreeMap<(String, String, Measure, u8), i64>> {
    let mut sums = BTreeMap::new();
    for point in w.storage.stat_points(grain, Timestamp::UNIX_EPOCH).await? {
        *sums.entry((point.queue, point.kind, point.measure, point.bucket)).or_default() += point.count;
    }
    sums.retain(|_, count| *count != 0);
    Ok(sums)
}

/// Makes something of everything that is counted.
async fn history(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "other"]).await?;
    for end in [success(), success(), failure(), deletion(), super::make::retry(), End::HandedBack] {
        let id = w.insert(job_in("lane")).await?;
        let request = ClaimRequest { queues: vec!["lane".into()], ..ask(server, 1) };
        let fence = w.storage.claim(request).await?[0].fence;
        assert_eq!(w.storage.finish(server, vec![finish(id, fence, end)]).await?, [Accepted::Yes]);
        w.change(id, Change::Delete { reason: "out of the way".into() }).await?;
    }
    let id = w.insert(job_of("other")).await?;
    let request = ClaimRequest { kinds: names(&["other"]), ..ask(server, 1) };
    let fence = w.storage.claim(request).await?[0].fence;
    w.crash_all().await?;
    assert_eq!(w.storage.finish(server, vec![finish(id, fence, success())]).await?, [Accepted::Stale]);
    Ok(())
}

pub(super) async fn each_event_is_counted_by_queue_and_kind(w: &World<impl Fixture>) -> Result<()> {
    history(w).await?;
    let mut counted = sums(w, Grain::Minute).await?;
    counted.retain(|(_, _, measure, _), _| !matches!(measure, Measure::Wait | Measure::Run));
    let lane = |measure| ("lane".to_owned(), KIND.to_owned(), measure, 0);
    let other = |measure| (QUEUE.to_owned(), "other".to_owned(), measure, 0);
    let expected = BTreeMap::from([
        (lane(Measure::Created), 6),
        (lane(Measure::Succeeded), 2),
        (lane(Measure::Failed), 1),
        // By its own verdict; and the one that had failed, the one that waited and the one that was given back, by hand.
        (lane(Measure::Deleted), 4),
        (lane(Measure::Retried), 1),
        (other(Measure::Created), 1),
        (other(Measure::Rescued), 1),
        (other(Measure::Stale), 1),
    ]);
    assert_eq!(counted, expected);
    Ok(())
}

pub(super) async fn a_resend_is_not_counted(w: &World<impl Fixture>) -> Result<()> {
    let given = job();
    for _ in 0..3 {
        w.storage.job_insert([given.clone(), given.clone()].into()).await?;
    }
    assert_eq!(w.count(Measure::Created).await?, 1);
    Ok(())
}

pub(super) async fn waits_and_runs_fall_into_their_buckets(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let cases = [(0, 0), (999, 0), (1_000, 1), (3_999, 2), (4_000, 3), (1_023_000, 10), (1_024_000, 11)];
    let mut expected = BTreeMap::new();
    for (micros, bucket) in cases {
        let run = w.start(server, job()).await?;
        let queue = w.get(run.id).await?.queue;
        let span = Duration::from_micros(micros);
        let ended = crate::storage::Finish { wait: span, run: 2 * span, ..finish(run.id, run.fence, success()) };
        assert_eq!(w.storage.finish(server, vec![ended]).await?, [Accepted::Yes]);
        if micros == 0 {
            // It ended without a run.
            continue;
        }
        let run_bucket = match micros {
            999 => 1,
            _ => bucket + 1,
        };
        expected.insert((queue.clone(), KIND.to_owned(), Measure::Wait, bucket), 1);
        expected.insert((queue, KIND.to_owned(), Measure::Run, run_bucket), 1);
    }
    let mut counted = sums(w, Grain::Minute).await?;
    counted.retain(|(_, _, measure, _), _| matches!(measure, Measure::Wait | Measure::Run));
    assert_eq!(counted, expected);
    Ok(())
}

/// Rolls up until nothing is left to be rolled up.
async fn roll(w: &World<impl Fixture>) -> Result<()> {
    for _ in 0..1_000 {
        if w.storage.stat_roll().await? == 0 {
            return Ok(());
        }
    }
    panic!("rolling up ends");
}

pub(super) async fn rolling_up_keeps_the_sums(w: &World<impl Fixture>) -> Result<()> {
    history(w).await?;
    w.advance(MINUTE);
    history(w).await?;
    let before = sums(w, Grain::Minute).await?;
    roll(w).await?;
    assert_eq!(sums(w, Grain::Minute).await?, before, "minutes are kept for more than an hour");
    w.advance(5 * HOUR);
    roll(w).await?;
    assert_eq!(sums(w, Grain::Hour).await?, before, "in hours");
    assert_eq!(sums(w, Grain::Minute).await?, BTreeMap::new(), "the old minutes are gone");
    w.advance(17 * DAY);
    roll(w).await?;
    assert_eq!(sums(w, Grain::Day).await?, before, "in days");
    assert_eq!(sums(w, Grain::Hour).await?, BTreeMap::new(), "the old hours are gone");
    w.advance(400 * DAY);
    roll(w).await?;
    assert_eq!(sums(w, Grain::Day).await?, before, "days are kept for ever");
    Ok(())
}

pub(super) async fn points_begin_at_their_minute_hour_and_day(w: &World<impl Fixture>) -> Result<()> {
    let before = w.now().await?;
    history(w).await?;
    let after = w.now().await?;
    let aligned = async |grain, seconds: i64| -> Result<()> {
        let points = w.storage.stat_points(grain, Timestamp::UNIX_EPOCH).await?;
        assert!(!points.is_empty(), "{grain:?}");
        for point in &points {
            let (at, span) = (point.at.as_microsecond(), seconds * 1_000_000);
            assert_eq!(at % span, 0, "{grain:?} begins at {}", point.at);
            let known = before.as_microsecond() - span < at && at <= after.as_microsecond();
            assert!(known, "{grain:?} of {} is not one of {before} to {after}", point.at);
        }
        assert!(w.storage.stat_points(grain, after + 2 * DAY).await?.is_empty(), "none are younger");
        Ok(())
    };
    aligned(Grain::Minute, 60).await?;
    w.advance(5 * HOUR);
    roll(w).await?;
    aligned(Grain::Hour, 60 * 60).await?;
    w.advance(17 * DAY);
    roll(w).await?;
    aligned(Grain::Day, 24 * 60 * 60).await
}

/// What points have in common, added up over what `key` leaves out.
fn added<K: Ord>(points: Vec<StatPoint>, key: impl Fn(&StatPoint) -> K) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for point in points {
        *sums.entry(key(&point)).or_default() += point.count;
    }
    sums
}

pub(super) async fn counts_and_sums_tell_what_the_points_tell(w: &World<impl Fixture>) -> Result<()> {
    history(w).await?;
    w.advance(4 * HOUR);
    roll(w).await?;
    history(w).await?;
    w.advance(MINUTE);
    history(w).await?;
    let now = w.now().await?;
    let is_plain = |point: &StatPoint| !matches!(point.measure, Measure::Wait | Measure::Run);
    for (grain, since) in [
        (Grain::Minute, Timestamp::UNIX_EPOCH),
        (Grain::Minute, now - MINUTE),
        (Grain::Hour, Timestamp::UNIX_EPOCH),
        (Grain::Hour, now - HOUR),
        (Grain::Day, Timestamp::UNIX_EPOCH),
    ] {
        let points = w.storage.stat_points(grain, since).await?;
        let plain: Vec<_> = points.iter().filter(|point| is_plain(point)).cloned().collect();
        // Since the last minute nothing has ended.
        let has_ends = since == Timestamp::UNIX_EPOCH;
        assert!(!plain.is_empty() && (plain.len() < points.len() || !has_ends), "{grain:?} since {since}");
        let whole =
            |point: &StatPoint| (point.at, point.queue.clone(), point.kind.clone(), point.measure.code(), point.bucket);
        let counts = w.storage.stat_counts(grain, since).await?;
        assert_eq!(counts.len(), plain.len(), "{grain:?}: each once");
        assert_eq!(added(counts, whole), added(plain, whole), "{grain:?}");

        let line = |point: &StatPoint| (point.queue.clone(), point.kind.clone(), point.measure.code(), point.bucket);
        let sums = w.storage.stat_sums(grain, since).await?;
        assert!(sums.iter().all(|sum| sum.at == since), "{grain:?}");
        let expected = added(points, line);
        assert_eq!((sums.len(), added(sums, line)), (expected.len(), expected), "{grain:?}");
    }
    Ok(())
}

pub(super) async fn totals_are_told_by_queue_kind_and_state(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.insert_all(vec![job(), job(), job_of("other"), job_in("lane")]).await?;
    w.claim_ids(ask(server, 1)).await?;
    let total =
        |queue: &str, kind: &str, state, jobs| StateTotal { queue: queue.into(), kind: kind.into(), state, jobs };
    let mut expected = vec![
        total(QUEUE, KIND, State::Enqueued, 1),
        total(QUEUE, KIND, State::Processing, 1),
        total(QUEUE, "other", State::Enqueued, 1),
        total("lane", KIND, State::Enqueued, 1),
    ];
    expected.sort();
    for storage in [w.storage.clone(), w.another().await?] {
        let mut totals = storage.stat_totals().await?;
        totals.retain(|total| total.jobs != 0);
        totals.sort();
        assert_eq!(totals, expected);
    }
    assert_eq!(w.storage.job_list(all(State::Processing)).await?.jobs.len(), 1);
    Ok(())
}
