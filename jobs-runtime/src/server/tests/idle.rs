//! What a server asks when there is nothing to do, and how it hears of what there is.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;

use super::{Bench, pass, until};
use crate::{
    Fence,
    server::{
        fake::{Fake, World, away, job},
        looker::QUIET,
    },
    storage::Outlook,
};

const SECOND: Duration = Duration::from_secs(1);

/// What is asked in this time.
async fn asked(bench: &Bench, time: Duration) -> BTreeMap<&'static str, usize> {
    bench.fake.world().calls.clear();
    pass(time).await;
    let mut asked = BTreeMap::new();
    for call in &bench.fake.world().calls {
        *asked.entry(*call).or_default() += 1;
    }
    asked
}

/// A whole server that has nothing to do.
async fn idle() -> Bench {
    let bench = Bench::start_whole(Fake::default());
    pass(20 * SECOND).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_asks_one_question_a_second() {
    let bench = idle().await;
    let mut asked = asked(&bench, 60 * SECOND).await;
    let looks = asked.remove("server_look");
    assert!((59..=61).contains(&looks.unwrap_or(0)), "{looks:?}");
    for rare in ["clean", "flow_audit", "recurring_sweep"] {
        assert!(asked.remove(rare).unwrap_or(0) <= 2, "{rare}, once a minute");
    }
    assert_eq!(asked, BTreeMap::new());
    assert!(bench.shared.is_idle());
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn whatever_a_look_sees_is_done_within_a_second() {
    type See = fn(&mut World);
    let cases: [(&str, See); 9] = [
        ("promote", |world| world.outlook.scheduled_in = Some(Duration::ZERO)),
        ("flow_step", |world| world.outlook.step_in = Some(Duration::ZERO)),
        ("park", |world| world.outlook.park = true),
        ("operation_step", |world| world.outlook.operation = true),
        ("stat_roll", |world| world.outlook.fold = true),
        ("server_sweep", |world| world.outlook.sweep = true),
        ("rescue_candidates", |world| world.dead.push(Fence(1))),
        ("claim", |world| world.suspects.push(job("ok"))),
        ("recurring_due", |world| world.outlook.recurring_in = Some(Duration::ZERO)),
    ];
    for (method, see) in cases {
        let bench = idle().await;
        see(&mut bench.fake.world());
        let asked = asked(&bench, SECOND + Duration::from_millis(10)).await;
        assert!(asked.contains_key(method), "{method}: {asked:?}");
        let others =
            cases.iter().map(|(other, _)| *other).filter(|other| asked.contains_key(other) && *other != method);
        let together = ["rescue_candidates", "server_sweep"];
        let others: Vec<_> = others.filter(|other| !(together.contains(other) && together.contains(&method))).collect();
        assert!(others.is_empty(), "{method} was called for, and {others:?} came as well");
        bench.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_due_at_a_time_is_done_at_that_time() {
    type In = fn(&mut Outlook) -> &mut Option<Duration>;
    let cases: [(&str, In); 2] =
        [("promote", |outlook| &mut outlook.scheduled_in), ("flow_step", |outlook| &mut outlook.step_in)];
    for (method, due_in) in cases {
        let bench = idle().await;
        let looks = || bench.fake.calls("server_look");
        *due_in(&mut bench.fake.world().outlook) = Some(20 * SECOND + Duration::from_millis(300));
        let before = looks();
        until(|| looks() > before).await;
        *due_in(&mut bench.fake.world().outlook) = None;
        let soon = Duration::from_millis(2);
        let asked_early = asked(&bench, 20 * SECOND + Duration::from_millis(300) - soon).await;
        assert!(!asked_early.contains_key(method), "{asked_early:?}");
        assert_eq!(asked(&bench, 2 * soon).await.get(method), Some(&1));
        bench.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn while_nobody_looks_everyone_asks() {
    let bench = idle().await;
    let everyone = ["claim", "promote", "flow_step", "recurring_due", "park"];
    bench.fake.fail("server_look", std::iter::repeat_with(away).take(20));
    let without = asked(&bench, 20 * SECOND).await;
    for method in everyone {
        let times = without.get(method).copied().unwrap_or(0);
        assert!((15..=25).contains(&times), "{method}: {without:?}");
    }
    for (method, least) in [("rescue_candidates", 5), ("stat_roll", 8)] {
        assert!(without.get(method).is_some_and(|times| *times >= least), "{method}: {without:?}");
    }
    pass(5 * SECOND).await;
    let with = asked(&bench, 20 * SECOND).await;
    assert!(everyone.iter().all(|method| !with.contains_key(method)), "{with:?}");
    bench.fake.world().look_takes = 1_000 * SECOND;
    let silent = asked(&bench, 30 * SECOND).await;
    for method in everyone {
        assert!(silent.get(method).is_some_and(|times| *times >= 8), "no answer is no look; {method}: {silent:?}");
    }
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_wrong_delays_nothing_for_ever() {
    let bench = idle().await;
    let asked = asked(&bench, QUIET + SECOND).await;
    for method in ["claim", "promote", "flow_step", "recurring_due", "park", "rescue_candidates", "stat_roll"] {
        assert!(asked.get(method).is_some_and(|times| (1..=2).contains(times)), "{method}: {asked:?}");
    }
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_is_idle_again_after_its_last_suspect() {
    let bench = idle().await;
    bench.fake.world().suspects.push(job("sleep:50"));
    until(|| bench.fake.ends().len() == 1).await;
    pass(2 * SECOND).await;
    assert!(bench.shared.is_idle(), "a claim that could ask for no suspect is made again");
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_break_between_two_looks_is_noted() {
    let bench = idle().await;
    let since = || bench.shared.views.listen().borrow().as_ref().map(|view| view.since);
    let before = since().expect("it looks");
    bench.fake.world().clock += 60 * SECOND;
    pass(2 * SECOND).await;
    assert_eq!(since(), Some(before));
    bench.fake.world().clock += 61 * SECOND;
    pass(2 * SECOND).await;
    assert_eq!(since(), Some(before + SignedDuration::from_secs(121)));
    bench.stop().await;
}
