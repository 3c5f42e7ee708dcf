//! Groups of errors: what they count, how they are listed, and when they go.

use std::{sync::Arc, time::Duration};

use super::{
    Ending, Fixture,
    kit::World,
    make::{DAY, HOUR, KIND, MINUTE, failure, job, job_of, success},
};
use crate::{
    ErrorId, JobId, Result,
    storage::{End, ErrorFilter, ErrorRecord, NewJob},
};

/// Folds all notes.
async fn fold(w: &World<impl Fixture>) -> Result<()> {
    for _ in 0..1_000 {
        if w.storage.stat_roll().await? == 0 {
            return Ok(());
        }
    }
    panic!("folding ends");
}

async fn errors(w: &World<impl Fixture>) -> Result<Vec<ErrorRecord>> {
    w.storage.error_list(ErrorFilter::new().limit(1_000)).await
}

/// A job of that kind whose attempt ends so.
async fn end(w: &World<impl Fixture>, kind: &str, end: End) -> Result<JobId> {
    let server = w.serve(&[kind]).await?;
    let run = w.start(server, job_of(kind)).await?;
    w.end_well(run, end).await?;
    Ok(run.id)
}

fn failed(error: &str) -> End {
    End::Failed { error: error.into(), attempted: true }
}

pub(super) async fn failures_that_are_alike_are_one_group(w: &World<impl Fixture>) -> Result<()> {
    let start = w.now().await?;
    let first = end(w, KIND, failed("no user 17: \u{1f600}\ncaused by: a")).await?;
    w.advance(HOUR);
    end(w, KIND, End::Retry { delay: HOUR, error: "no user 4711: \u{1f600}\ncaused by: b".into() }).await?;
    fold(w).await?;
    w.advance(HOUR);
    let deleted = End::Deleted { reason: "enough".into(), error: Some("no user 5: \u{1f600}".into()) };
    end(w, KIND, deleted).await?;
    let last =
        end(w, KIND, End::Failed { error: "no user 8: \u{1f600}\ncaused by: c".into(), attempted: false }).await?;
    end(w, KIND, failed("no such host")).await?;
    end(w, "other", failed("no user 17: \u{1f600}")).await?;
    assert_eq!(errors(w).await?.iter().map(|error| error.count).sum::<i64>(), 2, "the rest is not folded yet");
    fold(w).await?;
    let id = ErrorId::of(KIND, "no user 1: \u{1f600}");
    let group = w.storage.error_get(id).await?.expect("the group is there");
    assert_eq!((group.id, group.kind.as_str(), group.count), (id, KIND, 4));
    assert_eq!(
        (group.title.as_str(), group.sample.as_str()),
        ("no user #: \u{1f600}", "no user 8: \u{1f600}\ncaused by: c")
    );
    assert_eq!(group.last_job, last);
    assert_eq!(Some(group.first_at), w.get(first).await?.finished_at);
    assert!(group.first_at >= start && group.last_at.duration_since(group.first_at).unsigned_abs() >= 2 * HOUR);
    let mut all: Vec<_> = errors(w).await?.into_iter().map(|error| (error.kind, error.title, error.count)).collect();
    all.sort();
    let line = |kind: &str, title: &str, count| (kind.to_owned(), title.to_owned(), count);
    let mut expected = [
        line(KIND, "no such host", 1),
        line(KIND, "no user #: \u{1f600}", 4),
        line("other", "no user #: \u{1f600}", 1),
    ];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(w.storage.error_get(ErrorId::of(KIND, "never seen")).await?, None);
    Ok(())
}

pub(super) async fn what_is_no_failure_is_no_error(w: &World<impl Fixture>) -> Result<()> {
    let called_off = End::Deleted { reason: "cancelled by its owner".into(), error: None };
    for verdict in [success(), called_off, End::Snoozed { delay: HOUR }, End::HandedBack] {
        end(w, KIND, verdict).await?;
    }
    fold(w).await?;
    assert_eq!(errors(w).await?, []);
    // A server's death is a failure where it is the last.
    let server = w.server().await?;
    let once = w.start(server, NewJob { max_attempts: 1, ..job() }).await?;
    w.start(server, job()).await?;
    w.crash_all().await?;
    fold(w).await?;
    let found = errors(w).await?;
    assert_eq!(found.iter().map(|error| (error.count, error.last_job)).collect::<Vec<_>>(), [(1, once.id)]);
    Ok(())
}

pub(super) async fn groups_are_listed_newest_first_in_pages(w: &World<impl Fixture>) -> Result<()> {
    let mut expected = Vec::new();
    for round in ["a", "b", "c", "d", "e", "f", "g"] {
        let kind = if expected.len() % 2 == 0 { KIND } else { "other" };
        end(w, kind, failed(round)).await?;
        expected.insert(0, (kind, round));
        w.advance(MINUTE);
    }
    fold(w).await?;
    for (limit, kind) in [(1, None), (2, None), (7, None), (1, Some("other")), (2, Some(KIND)), (9, Some("no such"))] {
        let filter = kind.into_iter().fold(ErrorFilter::new().limit(limit), |filter, kind| filter.kind(kind));
        let mut listed = Vec::new();
        let mut page = w.storage.error_list(filter.clone()).await?;
        while let Some(last) = page.last() {
            assert!(page.len() <= limit as usize);
            let next = filter.clone().before(last);
            listed.append(&mut page);
            page = w.storage.error_list(next).await?;
        }
        let listed: Vec<_> = listed.iter().map(|error| (error.kind.as_str(), error.title.as_str())).collect();
        let fitting: Vec<_> = expected.iter().copied().filter(|(of, _)| kind.is_none_or(|kind| kind == *of)).collect();
        assert_eq!(listed, fitting, "{kind:?}, {limit} a page");
    }
    // What happens again comes first.
    end(w, KIND, failed("a")).await?;
    fold(w).await?;
    let newest = errors(w).await?.remove(0);
    assert_eq!((newest.title.as_str(), newest.count), ("a", 2));
    Ok(())
}

pub(super) async fn notes_are_told_until_they_are_folded(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    fold(w).await?;
    assert!(!w.look(server).await?.fold);
    w.end_well(run, failure()).await?;
    assert!(w.look(server).await?.fold);
    fold(w).await?;
    assert!(!w.look(server).await?.fold);
    Ok(())
}

pub(super) async fn two_that_fold_count_each_failure_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let other = w.another().await?;
    for round in 0..10 {
        let run = w.start(server, job()).await?;
        w.end_well(run, failed(&format!("round {round}"))).await?;
        let run = w.start(server, job()).await?;
        w.end_well(run, failed("another")).await?;
        let folds = [Arc::clone(&w.storage), Arc::clone(&other), Arc::clone(&w.storage)];
        let folds = folds.map(|storage| tokio::spawn(async move { storage.stat_roll().await }));
        for fold in folds {
            fold.await.expect("a roller neither panics nor is aborted")?;
        }
    }
    fold(w).await?;
    let mut counts: Vec<_> = errors(w).await?.into_iter().map(|error| (error.title, error.count)).collect();
    counts.sort();
    assert_eq!(counts, [("another".to_owned(), 10), ("round #".to_owned(), 10)]);
    Ok(())
}

pub(super) async fn a_failure_that_is_rolled_back_leaves_no_error(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (ending, count) in [(Ending::Rollback, 0), (Ending::Commit, 1)] {
        let run = w.start(server, job()).await?;
        w.end_within(run, failed("in the handler's transaction"), ending).await?;
        fold(w).await?;
        assert_eq!(errors(w).await?.len(), count, "{ending:?}");
    }
    Ok(())
}

pub(super) async fn groups_go_with_the_retention_of_failed_jobs(w: &World<impl Fixture>) -> Result<()> {
    end(w, KIND, failed("old")).await?;
    w.advance(20 * DAY);
    end(w, KIND, failed("young")).await?;
    fold(w).await?;
    assert_eq!(errors(w).await?.len(), 2);
    w.advance(15 * DAY);
    fold(w).await?;
    let left: Vec<_> = errors(w).await?.into_iter().map(|error| error.title).collect();
    assert_eq!(left, ["young"], "failed jobs are kept for {:?}", w.settings.retention.failed);
    w.advance(16 * DAY + Duration::from_secs(1));
    fold(w).await?;
    assert_eq!(errors(w).await?, []);
    Ok(())
}
