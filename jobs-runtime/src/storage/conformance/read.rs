//! Reading jobs, lists and histories.

use super::{
    Fixture,
    kit::World,
    make::{KIND, all, job, log},
};
use crate::{
    JobId, Result, State,
    storage::{EventKind, JobFilter, NewJob},
};

pub(super) async fn an_unknown_job_has_no_record_and_no_history(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.job_get(JobId::new()).await?, None);
    assert_eq!(w.storage.job_events(JobId::new()).await?, []);
    for state in State::ALL {
        assert_eq!(w.storage.job_list(all(state)).await?, [], "{state} jobs of an empty database");
    }
    Ok(())
}

pub(super) async fn lists_show_each_state_newest_first_in_pages(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let states: Vec<State> = State::ALL.into_iter().filter(|state| *state != State::Awaiting).collect();
    let mut made: Vec<(State, JobId)> = Vec::new();
    for _ in 0..5 {
        for state in &states {
            made.push((*state, w.job_in_state(server, *state).await?));
        }
    }
    for state in states {
        let mut expected: Vec<JobId> = made.iter().filter(|made| made.0 == state).map(|made| made.1).collect();
        expected.reverse();
        let mut listed = Vec::new();
        let mut before = None;
        loop {
            let page = w.storage.job_list(JobFilter { before, limit: 2, ..all(state) }).await?;
            assert!(page.len() <= 2, "a page of {state} jobs has at most its limit: {}", page.len());
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            for record in page {
                assert_eq!(Some(&record), w.storage.job_get(record.id).await?.as_ref(), "list and record agree");
                listed.push(record.id);
            }
        }
        assert_eq!(listed, expected, "the {state} jobs");
    }
    Ok(())
}

pub(super) async fn lists_filter_by_kind_and_queue(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "other"]).await?;
    for state in [State::Enqueued, State::Processing, State::Succeeded, State::Failed, State::Deleted] {
        let mut ids = Vec::new();
        for (kind, queue) in [(KIND, "a"), ("other", "a"), (KIND, "b"), ("other", "b")] {
            let queue = format!("{queue} {state}");
            let id = w.insert(NewJob { kind: kind.into(), queue: queue.into(), ..job() }).await?;
            if state != State::Enqueued {
                let run = w.claim_one(server, id).await?;
                for (end, after) in super::make::ends() {
                    if after == state {
                        w.end_well(run, end).await?;
                    }
                }
            }
            ids.push(id);
        }
        let list = async |kind: Option<&str>, queue: Option<&str>| -> Result<Vec<JobId>> {
            let queue = queue.map(|queue| format!("{queue} {state}"));
            let filter = JobFilter { kind: kind.map(Into::into), queue, ..all(state) };
            Ok(w.storage.job_list(filter).await?.iter().map(|record| record.id).collect())
        };
        assert_eq!(list(Some("other"), None).await?, [ids[3], ids[1]], "{state} of a kind");
        assert_eq!(list(None, Some("b")).await?, [ids[3], ids[2]], "{state} in a queue");
        assert_eq!(list(Some(KIND), Some("a")).await?, [ids[0]], "{state} of a kind in a queue");
        assert_eq!(list(Some("no such kind"), None).await?, [], "{state} of an unknown kind");
        assert_eq!(list(None, Some("no such queue")).await?, [], "{state} in an unknown queue");
    }
    Ok(())
}

pub(super) async fn a_history_is_limited(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    for block in 0..11 {
        let lines = (0..100).map(|line| log(run.id, run.fence, &format!("{block}-{line}"))).collect();
        w.storage.note(server, lines).await?;
    }
    let events = w.storage.job_events(run.id).await?;
    assert!(!events.is_empty() && events.len() <= 1_000, "at most 1,000 entries: {}", events.len());
    assert!(events.is_sorted_by_key(|event| event.at), "oldest first");
    assert!(events.iter().all(|event| event.what == EventKind::Log));
    Ok(())
}
