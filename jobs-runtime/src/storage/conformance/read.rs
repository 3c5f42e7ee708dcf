//! Reading single jobs and their histories.

use super::{
    Fixture,
    kit::World,
    make::{all, job, log},
};
use crate::{
    JobId, Result, State,
    storage::{EventKind, JobPage},
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
