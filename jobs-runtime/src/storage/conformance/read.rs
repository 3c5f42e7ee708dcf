//! Reading single jobs and their histories.

use std::sync::Arc;

use super::{
    Fixture,
    kit::World,
    make::{all, job, log},
};
use crate::{
    JobId, Result, State,
    storage::{Change, EventKind, JobPage},
};

pub(super) async fn an_unknown_job_has_no_record_and_no_history(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.job_get(JobId::new()).await?, None);
    assert_eq!(w.storage.job_events(JobId::new()).await?, []);
    assert_eq!(w.storage.job_records(vec![JobId::new()]).await?, []);
    assert_eq!(w.storage.job_texts(vec![JobId::new()], 100).await?, []);
    for state in State::ALL {
        assert_eq!(w.storage.job_list(all(state)).await?, JobPage::default(), "{state} jobs of an empty database");
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

pub(super) async fn who_looks_on_sees_and_does_the_same(w: &World<impl Fixture>) -> Result<()> {
    let viewer = Arc::clone(&w.storage).viewer();
    let id = w.insert(job()).await?;
    assert_eq!(viewer.job_get(id).await?.map(|job| job.state), Some(State::Enqueued));
    let changed = viewer.job_change(id, Change::Delete { reason: "not wanted".into() }, None).await?;
    assert!(changed.is_some_and(|changed| changed.took_effect));
    assert_eq!(w.get(id).await?.state, State::Deleted);
    assert!(
        Arc::clone(&viewer).viewer().job_get(id).await?.is_some(),
        "who looks on at those who look on is one of them"
    );
    assert_eq!((viewer.views(), w.storage.views()), (2, 0), "its reads are counted");
    Ok(())
}
