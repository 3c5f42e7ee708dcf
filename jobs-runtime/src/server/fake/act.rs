//! A job whose payload says how it behaves.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::Connection;
use tokio::{sync::Semaphore, time::sleep};

use crate::{
    codec::Codec,
    id::JobId,
    job::{Descriptor, Failure, Options, Place, RunFuture, Success, Takes, Verdict},
    layout,
    retry::Backoff,
    run::Run,
    server::tests,
};

/// A job that does what its payload says.
pub(crate) const ACT: Descriptor = Descriptor {
    kind: "act",
    aliases: &["act_before"],
    place: Place { module: "tests", file: "fake.rs", line: 1 },
    params: &[],
    secret: &[],
    summary: None,
    blocking: false,
    options: Options::DEFAULT,
    backoff: Backoff::Constant(Duration::from_secs(7)),
    codec: Codec::Json,
    version: 1,
    args_layout: layout::trace::<()>,
    output_layout: layout::trace::<()>,
    run: act,
    args_to_json: |_| Ok(serde_json::Value::Null),
    args_from_json: |_| Ok(Vec::new()),
    output_to_json: |_| Ok(serde_json::Value::Null),
    states: Vec::new,
    takes: Takes::Nothing,
    recurring: &[],
};

fn act(run: Run) -> RunFuture {
    let failed = |verdict| Err(Failure { error: "boom".into(), verdict });
    Box::pin(async move {
        let context = run.context().clone();
        let behaviour = String::from_utf8_lossy(run.payload()).into_owned();
        if let Some(started) = context.inner().states.get::<Started>() {
            started.0.lock().unwrap_or_else(PoisonError::into_inner).push(context.id());
        }
        let (behaviour, number) = behaviour.split_once(':').unwrap_or((&behaviour, "0"));
        let number: u64 = number.parse().expect("a number follows the colon");
        match behaviour {
            "ok" => {}
            "output" => return Ok(Success { output: Some(vec![0; usize::try_from(number).expect("a small number")]) }),
            "error" => return failed(Verdict::Retry),
            "fatal" => return failed(Verdict::Fatal),
            "ctx.fatal" => {
                context.fatal();
                return failed(Verdict::Retry);
            }
            "snooze" => return failed(Verdict::Snooze(Duration::from_millis(number))),
            "panic" => panic!("ouch"),
            "sleep" => sleep(Duration::from_millis(number)).await,
            "hang" => std::future::pending().await,
            "obey" => {
                context.cancelled().await;
                return failed(Verdict::Retry);
            }
            "finish when cancelled" => context.cancelled().await,
            "tell" => {
                for step in 1..=number {
                    context.progress(step as f64 / number as f64, step.to_string());
                    context.log(format!("step {step}"));
                }
            }
            "finish in" | "finish in and fail" | "finish in and go on" => {
                let mut connection = tests::database().await;
                let mut tx = connection.begin().await.expect("a transaction");
                context.log("nearly");
                if let Err(error) = context.finish_in(&mut tx).await {
                    return Err(Failure { error: error.into(), verdict: Verdict::Retry });
                }
                match behaviour {
                    "finish in and fail" => return failed(Verdict::Retry),
                    "finish in and go on" => sleep(Duration::from_millis(number)).await,
                    _ => {}
                }
            }
            "finish in twice" => {
                let mut connection = tests::database().await;
                let mut tx = connection.begin().await.expect("a transaction");
                context.finish_in(&mut tx).await.expect("the first");
                let again = context.finish_in(&mut tx).await;
                return again
                    .map(|()| Success::default())
                    .map_err(|error| Failure { error: error.into(), verdict: Verdict::Fatal });
            }
            "gate" => {
                let gate = context.inner().states.get::<Semaphore>().expect("the test has a gate");
                gate.acquire().await.expect("the gate is never closed").forget();
            }
            other => panic!("no behaviour is called `{other}`"),
        }
        Ok(Success::default())
    })
}

/// State in which [`ACT`] notes its starts, in order.
#[derive(Debug, Default)]
pub(crate) struct Started(pub(crate) Mutex<Vec<JobId>>);
