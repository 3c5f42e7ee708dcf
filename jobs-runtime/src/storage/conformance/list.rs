//! Lists of jobs: their order, their pages in both directions, what they leave out, and how far they look.

use std::time::Duration;

use super::{
    Fixture,
    flow::{after, batch, child, laned, member},
    kit::World,
    make::{HOUR, KIND, MINUTE, all, failure, job, job_in, job_of, retry, success},
};
use crate::{
    Error, JobId, Result, State,
    flow::Condition,
    storage::{Due, JobFilter, JobPage, ListPlace, NewBatch, NewJob},
};

fn ids(page: &JobPage) -> Vec<JobId> {
    page.jobs.iter().map(|job| job.id).collect()
}

/// The whole list, which is read in pages of this size, first onward, then back, and must be the same.
async fn pages(w: &World<impl Fixture>, filter: JobFilter, limit: u32) -> Result<Vec<JobId>> {
    let mut listed = Vec::new();
    let mut sizes = Vec::new();
    let mut page = w.storage.job_list(filter.clone().limit(limit)).await?;
    assert_eq!(page.previous, None, "nothing is before the first page");
    let mut last;
    loop {
        assert!(page.jobs.len() <= limit as usize, "a page has at most its limit: {}", page.jobs.len());
        assert!(!page.stopped, "the list is short enough");
        for record in &page.jobs {
            assert_eq!(Some(record), w.storage.job_get(record.id).await?.as_ref(), "list and record agree");
        }
        listed.extend(ids(&page));
        sizes.push(page.jobs.len());
        last = page;
        let Some(next) = last.next else { break };
        page = w.storage.job_list(filter.clone().limit(limit).at(next)).await?;
    }
    assert!(
        sizes.iter().rev().skip(1).all(|size| *size == limit as usize),
        "only the last page is not full: {sizes:?}"
    );
    let mut back = ids(&last);
    while let Some(previous) = last.previous {
        let word = previous.to_string();
        last = w.storage.job_list(filter.clone().limit(limit).at(word.parse()?)).await?;
        back.splice(0..0, ids(&last));
    }
    assert_eq!(back, listed, "the way back meets the same jobs");
    Ok(listed)
}

pub(super) async fn each_state_has_its_order_in_pages_of_any_size(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut made: Vec<(State, JobId)> = Vec::new();
    for _ in 0..5 {
        for state in [State::Processing, State::Succeeded, State::Failed, State::Deleted] {
            made.push((state, w.job_in_state(server, state).await?));
        }
    }
    for state in [State::Processing, State::Succeeded, State::Failed, State::Deleted] {
        let mut expected: Vec<JobId> = made.iter().filter(|made| made.0 == state).map(|made| made.1).collect();
        expected.reverse();
        for limit in [1, 2, 5, 6] {
            assert_eq!(pages(w, all(state), limit).await?, expected, "the {state} jobs, {limit} a page");
        }
    }
    let mut scheduled = Vec::new();
    for minutes in [5, 1, 9, 1, 7] {
        let due = w.now().await? + Duration::from_secs(3_600 + 60 * minutes);
        scheduled.push((minutes, w.insert(NewJob { due: Due::At(due), ..job() }).await?));
    }
    scheduled.sort();
    let expected: Vec<_> = scheduled.into_iter().map(|(_, id)| id).collect();
    // Queues come in the order in which they were first named.
    let mut enqueued = Vec::new();
    for queue in ["b", "a", "c"] {
        for priority in [-3, 4, 0, 4] {
            enqueued.push((queue, -priority, w.insert(NewJob { queue: queue.into(), priority, ..job() }).await?));
        }
    }
    enqueued.sort_by_key(|(queue, turn, id)| (["b", "a", "c"].iter().position(|known| known == queue), *turn, *id));
    let enqueued: Vec<_> = enqueued.into_iter().map(|(.., id)| id).collect();
    for limit in [1, 2, 3, 12, 13] {
        assert_eq!(pages(w, all(State::Scheduled), limit).await?, expected, "soonest first, {limit} a page");
        assert_eq!(pages(w, all(State::Enqueued), limit).await?, enqueued, "in the order of claims, {limit} a page");
    }
    Ok(())
}

pub(super) async fn what_waits_for_parents_or_a_batch_is_listed_once(w: &World<impl Fixture>) -> Result<()> {
    let [parent, other] = w.store_jobs([laned(), laned()]).await?;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let one = child(parent, Condition::Success);
        let two = NewJob { waits: super::flow::all_of([parent, other]), ..laned() };
        let [one, two] = w.store_jobs([one, two]).await?;
        waiting.splice(0..0, [two, one]);
    }
    let mut held = Vec::new();
    for _ in 0..2 {
        let open = NewBatch { sealed: false, ..batch() };
        // One of its members waits for a parent as well.
        let both = NewJob { waits: after(parent, Condition::Success), ..member(open.id) };
        let members = [member(open.id), member(open.id), both];
        let [first, second, both] = members.each_ref().map(|job| job.id);
        w.store(vec![open], members.into()).await?;
        waiting.insert(0, both);
        held.splice(0..0, [second, first]);
    }
    waiting.extend(held);
    for limit in [1, 2, 3, 50] {
        assert_eq!(pages(w, all(State::Awaiting), limit).await?, waiting, "{limit} a page");
    }
    Ok(())
}

pub(super) async fn kinds_and_queues_filter(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "other"]).await?;
    let states =
        [State::Scheduled, State::Enqueued, State::Processing, State::Succeeded, State::Failed, State::Deleted];
    for state in states {
        let mut made = Vec::new();
        for (kind, queue) in [(KIND, "a"), ("other", "a"), (KIND, "b"), ("other", "b")] {
            let due = if state == State::Scheduled { Due::In(HOUR) } else { Due::Now };
            let queue = format!("{queue} {state}");
            let id = w.insert(NewJob { kind: kind.into(), queue: queue.into(), due, ..job() }).await?;
            if !matches!(state, State::Enqueued | State::Scheduled) {
                let run = w.claim_one(server, id).await?;
                for (end, after) in super::make::ends() {
                    if after == state {
                        w.end_well(run, end).await?;
                    }
                }
            }
            made.push(id);
        }
        let list = async |kinds: &[&str], queues: &[&str]| -> Result<Vec<usize>> {
            let filter = kinds.iter().fold(all(state), |filter, kind| filter.kind(*kind));
            let filter = queues.iter().fold(filter, |filter, queue| filter.queue(format!("{queue} {state}")));
            let listed = pages(w, filter, 1).await?;
            let mut places: Vec<_> = listed.iter().filter_map(|id| made.iter().position(|made| made == id)).collect();
            assert_eq!(places.len(), listed.len(), "only this state's jobs");
            places.sort_unstable();
            Ok(places)
        };
        assert_eq!(list(&["other"], &[]).await?, [1, 3], "{state} of a kind");
        assert_eq!(list(&[], &["b"]).await?, [2, 3], "{state} in a queue");
        assert_eq!(list(&[KIND], &["a"]).await?, [0], "{state} of a kind in a queue");
        assert_eq!(list(&[KIND, "other"], &["a", "b"]).await?, [0, 1, 2, 3], "{state} of two kinds in two queues");
        assert_eq!(list(&["other", "no such kind"], &["a", "no such"]).await?, [1], "{state} of a known kind");
        assert_eq!(list(&["no such kind"], &[]).await?, [0; 0], "{state} of an unknown kind");
        assert_eq!(list(&[], &["no such"]).await?, [0; 0], "{state} in an unknown queue");
    }
    Ok(())
}

pub(super) async fn times_filter_also_under_ids_that_tell_no_time(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut made = Vec::new();
    let mut times = Vec::new();
    for round in 0..6_u8 {
        times.push(w.now().await?);
        let mut keyed = [round; 16];
        keyed[0] = 0;
        for id in [JobId::floor(w.now().await?), JobId::from_bytes(keyed)] {
            let run = w.start(server, NewJob { id, ..job() }).await?;
            w.advance(3 * HOUR);
            w.beat(server, &[KIND]).await?;
            w.end_well(run, success()).await?;
            made.push(id);
        }
    }
    times.push(w.now().await?);
    for from in 0..times.len() {
        for until in from + 1..times.len() {
            let expected = |first: usize, end: usize| {
                let mut ids = made[first..end].to_vec();
                ids.sort_by(|a, b| b.cmp(a));
                ids
            };
            let created = all(State::Succeeded).created(times[from], times[until]);
            assert_eq!(
                pages(w, created, 2).await?,
                expected(2 * from, 2 * until),
                "created in rounds {from} to {until}"
            );
            let finished = all(State::Succeeded).finished(times[from], times[until]);
            assert_eq!(
                pages(w, finished, 3).await?,
                expected(2 * from, 2 * until),
                "ended in rounds {from} to {until}"
            );
        }
        let since = pages(w, all(State::Succeeded).created(times[from], None), 5).await?;
        assert_eq!(since.len(), made.len() - 2 * from, "since round {from}");
        let before = pages(w, all(State::Succeeded).created(None, times[from]), 5).await?;
        assert_eq!(before.len(), 2 * from, "before round {from}");
    }
    let waiting = all(State::Enqueued).finished(times[0], None);
    assert_eq!(pages(w, waiting, 5).await?, [], "what has not ended ended at no time");
    Ok(())
}

pub(super) async fn retries_and_what_is_set_aside_are_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let again = w.start(server, job()).await?;
    w.end_well(again, retry()).await?;
    let later = w.job_in_state(server, State::Scheduled).await?;
    assert_eq!(pages(w, all(State::Scheduled).retried(true), 1).await?, [again.id]);
    assert_eq!(pages(w, all(State::Scheduled).retried(false), 1).await?, [later]);
    let mut aside = Vec::new();
    for (kind, queue, priority) in [("x", "a", 1), ("x", "a", 7), ("x", "b", 1), ("y", "a", 1)] {
        aside.push(w.insert(NewJob { priority, kind: kind.into(), ..job_in(queue) }).await?);
    }
    let runnable = w.insert(job_in("z")).await?;
    assert_eq!(w.storage.park(100).await?, 4);
    let aside = [aside[1], aside[0], aside[2], aside[3]];
    for limit in 1..6 {
        assert_eq!(pages(w, all(State::Enqueued).parked(true), limit).await?, aside, "by kind, queue and priority");
        assert_eq!(pages(w, all(State::Enqueued).parked(false), limit).await?, [runnable]);
        let both = pages(w, all(State::Enqueued), limit).await?;
        assert_eq!((both.len(), both[0], &both[1..]), (5, runnable, &aside[..]), "then what is set aside");
        assert_eq!(
            pages(w, all(State::Enqueued).kind("x").kind("y").queue("a"), limit).await?,
            [aside[0], aside[1], aside[3]]
        );
    }
    Ok(())
}

pub(super) async fn a_search_looks_no_further_than_it_may(w: &World<impl Fixture>) -> Result<()> {
    let first = w.insert(job_of("rare")).await?;
    w.insert_many(30).await?;
    let last = w.insert(job_of("rare")).await?;
    for (kind, expected) in [("rare", vec![first, last]), ("no such kind", vec![])] {
        let filter = all(State::Enqueued).kind(kind).limit(4).look(10);
        let (mut found, mut looked, mut stops) = (Vec::new(), 0, 0);
        let mut at: Option<ListPlace> = None;
        loop {
            let page = w.storage.job_list(at.map_or(filter.clone(), |at| filter.clone().at(at))).await?;
            found.extend(ids(&page));
            looked += page.looked;
            assert!(page.looked <= 10, "{} rows were looked at", page.looked);
            assert_eq!(page.stopped, page.next.is_some(), "no page is full: {page:?}");
            stops += usize::from(page.stopped);
            at = page.next;
            if at.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "the search goes on where it stopped");
        let all = if expected.is_empty() { (0, 0) } else { (32, 3) };
        assert_eq!((looked, stops), all, "each job was looked at once");
    }
    // Most of what is met has not succeeded.
    let filter = all(State::Succeeded).limit(4).look(10);
    let page = w.storage.job_list(filter.clone()).await?;
    assert_eq!((page.jobs.len(), page.looked, page.stopped), (0, 10, true));
    let server = w.serve(&["rare"]).await?;
    let run = w
        .storage
        .claim(crate::storage::ClaimRequest { kinds: super::make::names(&["rare"]), ..super::make::ask(server, 1) });
    let fence = run.await?[0].fence;
    w.end_well(super::kit::Running { server, id: first, fence }, success()).await?;
    let mut at = page.next;
    let mut found = Vec::new();
    while let Some(place) = at {
        let page = w.storage.job_list(filter.clone().at(place)).await?;
        found.extend(ids(&page));
        at = page.next;
    }
    assert_eq!(found, [first]);
    Ok(())
}

pub(super) async fn a_place_outlives_the_jobs_around_it(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut made = Vec::new();
    for _ in 0..9 {
        made.push(w.job_in_state(server, State::Failed).await?);
    }
    made.reverse();
    let filter = all(State::Failed).limit(3);
    let first = w.storage.job_list(filter.clone()).await?;
    let second = w.storage.job_list(filter.clone().at(first.next.expect("a second page"))).await?;
    assert_eq!(ids(&second), made[3..6]);
    for id in &made[1..6] {
        assert!(w.change(*id, crate::storage::Change::Requeue).await?);
    }
    let third = w.storage.job_list(filter.clone().at(second.next.expect("a third page"))).await?;
    assert_eq!(ids(&third), made[6..]);
    let before = w.storage.job_list(filter.clone().at(third.previous.expect("a page before"))).await?;
    assert_eq!((ids(&before), before.previous), (vec![made[0]], None), "what is left");
    // Of an empty page the way leads back to what is there.
    for id in &made[6..] {
        assert!(w.change(*id, crate::storage::Change::Requeue).await?);
    }
    let empty = w.storage.job_list(filter.clone().at(second.next.expect("a third page"))).await?;
    assert_eq!((ids(&empty), empty.next), (vec![], None));
    let back = w.storage.job_list(filter.at(empty.previous.expect("a way back"))).await?;
    assert_eq!(ids(&back), [made[0]]);
    Ok(())
}

pub(super) async fn a_place_of_another_list_is_refused(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(3).await?;
    let page = w.storage.job_list(all(State::Enqueued).limit(1)).await?;
    let place = page.next.expect("a second page");
    for state in State::ALL.into_iter().filter(|state| *state != State::Enqueued) {
        let refused = w.storage.job_list(all(state).at(place)).await;
        let Err(Error::Config(text)) = refused else { panic!("{state}: {refused:?}") };
        assert!(text.contains("another list"), "{text}");
    }
    Ok(())
}

pub(super) async fn texts_are_read_up_to_a_length(w: &World<impl Fixture>) -> Result<()> {
    let short = w.insert(NewJob { payload: vec![7; 100], tags: vec!["vip".into()], ..job() }).await?;
    let long =
        w.insert(NewJob { payload: vec![7; 101], meta: [("a".into(), "b".into())].into(), ..job_of("other") }).await?;
    let mut texts = w.storage.job_texts(vec![long, JobId::new(), short], 100).await?;
    texts.sort_by_key(|texts| texts.id);
    assert_eq!(texts.len(), 2, "{texts:?}");
    let [first, second] = [&texts[0], &texts[1]];
    assert_eq!((first.id, first.kind.as_str(), first.payload.as_deref()), (short, KIND, Some(&[7; 100][..])));
    assert_eq!((first.tags.as_slice(), first.meta.len()), (&["vip".to_owned()][..], 0));
    assert_eq!((second.id, second.kind.as_str(), second.payload.as_deref()), (long, "other", None));
    assert_eq!(second.meta.get("a").map(String::as_str), Some("b"));
    let records = w.storage.job_records(vec![long, JobId::new(), short]).await?;
    assert_eq!(records.iter().map(|job| job.id).collect::<Vec<_>>(), [long, short], "in the order of the call");
    let server = w.server().await?;
    let gone = w.start(server, NewJob { retain: Some(Duration::ZERO), ..job() }).await?;
    w.end_well(gone, failure()).await?;
    w.advance(MINUTE);
    assert_eq!(w.storage.job_records(vec![gone.id]).await?, []);
    Ok(())
}
