//! Storing jobs: what is given comes back, and sending it twice stores it once.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Fixture,
    kit::{World, between, jobs},
    make::{HOUR, KIND, SECOND, ask, full_job, job, job_due, job_in, job_of, names},
};
use crate::{
    JobId, Result, State,
    storage::{ClaimRequest, Due, JobRecord, NewJob},
};

pub(super) async fn one_job_is_stored_as_given(w: &World<impl Fixture>) -> Result<()> {
    let given = full_job();
    let before = w.now().await?;
    w.insert(given.clone()).await?;
    let after = w.now().await?;
    let stored = w.get(given.id).await?;
    between(before, stored.created_at, after);
    between(before, stored.due_at, after);
    let expected = JobRecord {
        id: given.id,
        kind: KIND.into(),
        queue: given.queue.to_string(),
        priority: -7,
        state: State::Enqueued,
        parked: false,
        payload: given.payload,
        created_at: stored.created_at,
        due_at: stored.due_at,
        expires_at: Some(stored.due_at + HOUR),
        started_at: None,
        finished_at: None,
        attempt: 0,
        max_attempts: 4,
        crashes: 0,
        fence: stored.fence,
        server: None,
        on_exhausted: given.on_exhausted,
        timeout: given.timeout,
        retain: given.retain,
        output: None,
        reason: None,
        cancel_requested: false,
        progress: None,
        meta: given.meta,
        tags: given.tags,
        recurring: None,
        batch: None,
    };
    assert_eq!(stored, expected);
    assert_eq!(w.storage.job_events(given.id).await?, [], "the normal path leaves no history");
    Ok(())
}

pub(super) async fn many_jobs_are_answered_in_order(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(1_000).await?;
    for id in [ids[0], ids[499], ids[999]] {
        assert_eq!(w.state(id).await?, State::Enqueued);
    }
    let server = w.server().await?;
    w.take(server, &ids).await?;
    Ok(())
}

pub(super) async fn a_resend_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    let given = full_job();
    w.insert(given.clone()).await?;
    let stored = w.get(given.id).await?;
    let other = NewJob { id: given.id, payload: b"other".to_vec(), priority: 9, ..job_of("other::kind") };
    assert_eq!(w.storage.job_insert([given.clone()].into()).await?, [false]);
    assert_eq!(w.storage.job_insert([other].into()).await?, [false]);
    assert_eq!(w.another().await?.job_insert([given.clone()].into()).await?, [false], "from another process");
    assert_eq!(w.get(given.id).await?, stored);
    Ok(())
}

pub(super) async fn a_resend_never_revives_a_job(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in [State::Scheduled, State::Processing, State::Succeeded, State::Failed, State::Deleted] {
        let id = w.job_in_state(server, state).await?;
        let stored = w.get(id).await?;
        let again = NewJob { id, ..job_in(&stored.queue) };
        assert_eq!(w.storage.job_insert([again].into()).await?, [false], "{state}");
        assert_eq!(w.get(id).await?, stored, "{state}");
        let request = ClaimRequest { queues: vec![stored.queue.into()], ..ask(server, 1) };
        assert_eq!(w.claim_ids(request).await?, [], "{state}");
    }
    Ok(())
}

pub(super) async fn new_and_known_ids_may_be_mixed(w: &World<impl Fixture>) -> Result<()> {
    let known = w.insert_many(2).await?;
    let new = [job(), job(), job()];
    let call = vec![
        new[0].clone(),
        NewJob { id: known[1], ..job() },
        new[1].clone(),
        NewJob { id: known[0], ..job() },
        new[2].clone(),
    ];
    assert_eq!(w.storage.job_insert(call.into()).await?, [true, false, true, false, true]);
    let server = w.server().await?;
    w.take(server, &[known[0], known[1], new[0].id, new[1].id, new[2].id]).await?;
    Ok(())
}

pub(super) async fn new_and_known_ids_may_be_mixed_in_a_very_large_call(w: &World<impl Fixture>) -> Result<()> {
    let known = w.insert_many(1_500).await?;
    let mut jobs: Vec<_> = (0..1_500).map(|_| job()).collect();
    jobs[1_400].due = Due::In(HOUR);
    let (late, twice) = (jobs[1_400].id, jobs[1_401].id);
    let mut call: Vec<_> =
        jobs.iter().zip(&known).flat_map(|(new, id)| [new.clone(), NewJob { id: *id, ..job() }]).collect();
    call.push(NewJob { id: twice, ..full_job() });
    let expected: Vec<_> = (0..3_001).map(|at| at % 2 == 0 && at < 3_000).collect();
    assert_eq!(w.storage.job_insert(call.into()).await?, expected);
    assert_eq!((w.state(late).await?, w.get(twice).await?.priority), (State::Scheduled, 0));
    let server = w.server().await?;
    let due = known.into_iter().chain(jobs.iter().map(|new| new.id).filter(|id| *id != late)).collect::<Vec<_>>();
    w.take(server, &due).await?;
    Ok(())
}

pub(super) async fn an_id_given_twice_in_one_call_is_stored_once(w: &World<impl Fixture>) -> Result<()> {
    let given = job();
    assert_eq!(w.storage.job_insert([given.clone(), given.clone()].into()).await?, [true, false]);
    let server = w.server().await?;
    w.take(server, &[given.id]).await?;
    assert_eq!(w.claim_ids(ask(server, 5)).await?, []);
    Ok(())
}

pub(super) async fn no_jobs_are_no_work(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.job_insert([].into()).await?, Vec::<bool>::new());
    Ok(())
}

pub(super) async fn a_delay_counts_from_the_database_clock(w: &World<impl Fixture>) -> Result<()> {
    w.advance(1_000 * HOUR);
    let before = w.now().await?;
    let id = w.insert(NewJob { expires: Some(SECOND), ..job_due(Due::In(HOUR)) }).await?;
    let after = w.now().await?;
    let stored = w.get(id).await?;
    assert_eq!(stored.state, State::Scheduled);
    between(before + HOUR, stored.due_at, after + HOUR);
    assert_eq!(stored.expires_at, Some(stored.due_at + SECOND), "the expiry counts from the due time");
    let server = w.server().await?;
    assert_eq!(w.claim_ids(ask(server, 5)).await?, [], "its time has not come");
    let at_once = w.insert(job_due(Due::In(Duration::ZERO))).await?;
    w.take(server, &[at_once]).await?;
    Ok(())
}

pub(super) async fn an_instant_is_kept_to_the_microsecond(w: &World<impl Fixture>) -> Result<()> {
    let now = w.now().await?;
    for micros in [1, 999_999, 3_600_000_001_i64] {
        let second = Timestamp::from_second(now.as_second() + 100).expect("the present is in range");
        let at = second + Duration::from_micros(micros.unsigned_abs());
        let id = w.insert(job_due(Due::At(at))).await?;
        let stored = w.get(id).await?;
        assert_eq!((stored.state, stored.due_at), (State::Scheduled, at));
    }
    Ok(())
}

pub(super) async fn a_past_instant_is_runnable_at_once(w: &World<impl Fixture>) -> Result<()> {
    let past = w.now().await? - HOUR;
    let ids = w.insert_all(vec![job_due(Due::At(past)), job(), job_due(Due::At(Timestamp::UNIX_EPOCH))]).await?;
    for id in &ids {
        assert_eq!(w.state(*id).await?, State::Enqueued);
    }
    let server = w.server().await?;
    w.take(server, &ids).await?;
    Ok(())
}

/// Texts that break naive quoting, folding, matching, trimming or counting.
const HOSTILE: [&str; 12] = [
    "",
    " ",
    "'; DROP TABLE job; --",
    "\"double\" and `back` and 'single' and \\",
    "100 % of _ and ? and $1 and :name",
    "İstanbul'da ığdır, ß, ﬁ",
    "👩‍👩‍👧‍👦 \u{1F3FB} \u{202E}right to left",
    "line\r\nbreak\ttab\u{1}\u{7f}",
    "null",
    "{\"json\": [1, 2]}",
    "<script>alert(1)</script>",
    "\u{10FFFF}\u{FEFF}\u{FFFD}",
];

pub(super) async fn hostile_texts_come_back_as_given(w: &World<impl Fixture>) -> Result<()> {
    let mut given = Vec::new();
    for text in HOSTILE {
        let mut job = NewJob { kind: format!("kind {text}").into(), queue: format!("queue {text}").into(), ..job() };
        job.meta.insert(text.into(), text.into());
        job.meta.insert("key".into(), text.into());
        job.tags = vec![text.into(), "plain".into(), text.into()];
        given.push(job);
    }
    w.insert_all(given.clone()).await?;
    for job in given {
        let stored = w.get(job.id).await?;
        assert_eq!((&*stored.kind, &*stored.queue), (&*job.kind, &*job.queue));
        assert_eq!((&stored.meta, &stored.tags), (&job.meta, &job.tags));
        let server = w.serve(&[&job.kind]).await?;
        let request = ClaimRequest { queues: vec![job.queue.clone()], kinds: names(&[&job.kind]), ..ask(server, 9) };
        let chunks = w.storage.claim(request).await?;
        let claimed: Vec<_> = jobs(&chunks).collect();
        assert_eq!(claimed.len(), 1, "the queue {:?} holds one job", job.queue);
        assert_eq!((&claimed[0].kind, &claimed[0].queue), (&job.kind, &job.queue));
        assert_eq!((&claimed[0].meta, &claimed[0].tags), (&job.meta, &job.tags));
    }
    Ok(())
}

pub(super) async fn names_that_look_alike_are_different(w: &World<impl Fixture>) -> Result<()> {
    let alike = ["mail", "Mail", "mail ", " mail", "maıl", "máil", "ma\u{301}il", "mail\u{200b}"];
    let mut lanes = Vec::new();
    for name in alike {
        lanes.push((name, w.insert(job_in(name)).await?, w.insert(job_of(name)).await?));
    }
    for (name, in_queue, of_kind) in lanes {
        let server = w.serve(&[KIND, name]).await?;
        let request = ClaimRequest { queues: vec![name.into()], ..ask(server, 99) };
        assert_eq!(w.claim_ids(request).await?, [in_queue], "the queue {name:?}");
        let request = ClaimRequest { kinds: names(&[name]), ..ask(server, 99) };
        assert_eq!(w.claim_ids(request).await?, [of_kind], "the kind {name:?}");
    }
    Ok(())
}

pub(super) async fn nul_in_texts_harms_nothing_else(w: &World<impl Fixture>) -> Result<()> {
    let mut given = job();
    given.meta.insert("note".into(), "before\0after".into());
    given.tags = vec!["left\0right".into()];
    let id = w.insert(given).await?;
    let stored = w.get(id).await?;
    for (text, head, tail) in [(&stored.meta["note"], "before", "after"), (&stored.tags[0], "left", "right")] {
        assert!(text.starts_with(head) && text.ends_with(tail), "what surrounds it is kept: {text:?}");
    }
    Ok(())
}

pub(super) async fn payload_bytes_come_back_as_given(w: &World<impl Fixture>) -> Result<()> {
    let limit = w.storage.settings().payload_limit;
    assert_eq!(limit, 1024 * 1024, "the default limit is 1 MiB");
    let largest: Vec<u8> = (0..limit).map(|at| (at % 251) as u8).collect();
    let payloads = [Vec::new(), vec![0], (0..=255).collect(), vec![0; 65_536], largest];
    let given: Vec<_> = payloads.iter().map(|payload| NewJob { payload: payload.clone(), ..job() }).collect();
    let ids = w.insert_all(given).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &ids).await?;
    for (payload, claimed) in payloads.iter().zip(&chunk.jobs) {
        assert!(claimed.payload == *payload, "a payload of {} bytes as it is claimed", payload.len());
        assert!(w.get(claimed.id).await?.payload == *payload, "a payload of {} bytes as it is read", payload.len());
    }
    Ok(())
}

pub(super) async fn extreme_numbers_come_back_as_given(w: &World<impl Fixture>) -> Result<()> {
    for (priority, max_attempts, span) in [
        (i16::MIN, 1, Duration::from_micros(1)),
        (i16::MAX, u16::MAX, Duration::from_secs(100 * 365 * 24 * 60 * 60)),
        (-1, 2, Duration::from_micros(86_400_000_001)),
    ] {
        let given = NewJob {
            id: JobId::new(),
            priority,
            max_attempts,
            timeout: Some(span),
            expires: Some(span),
            retain: Some(span),
            ..job()
        };
        let id = w.insert(given).await?;
        let stored = w.get(id).await?;
        assert_eq!((stored.priority, stored.max_attempts), (priority, max_attempts));
        assert_eq!((stored.timeout, stored.retain), (Some(span), Some(span)));
        assert_eq!(stored.expires_at, Some(stored.due_at + span));
    }
    Ok(())
}
