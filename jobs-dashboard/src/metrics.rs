//! What machines ask: whether the program is alive and ready, and gauges for Prometheus.

use std::fmt::Write;

use axum::{
    Extension,
    extract::State as Shares,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jobs_runtime::QueueSummary;

use crate::{
    live::Pulse,
    shared::Shared,
    web::{AsItIs, Fault, Visit},
};

/// The version of the text format of Prometheus.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the program answers at all. It asks nobody, so that a database that is away does not have programs restarted.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// Whether the database answers, with tables that this program works with. Who asks may be anybody, so that no version is told.
pub(crate) async fn ready(Shares(shared): Shares<Shared>) -> Response {
    let Err(fault) = shared.live.pulse().await else { return "ready\n".into_response() };
    let why = match shared.live.examined(fault).await {
        Fault::Tables(None) => "the tables do not fit this program\n",
        Fault::Tables(Some(tables)) => match tables.found {
            None => "the tables are missing\n",
            Some(found) if found < tables.needed => "the tables are older than this program\n",
            Some(found) if found > tables.needed => "the tables are newer than this program\n",
            Some(_) => "the tables are damaged\n",
        },
        _ => "the database does not answer\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, Extension(AsItIs), why).into_response()
}

/// The gauges, of the queues that the visitor sees.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Response, Fault> {
    let pulse = shared.live.pulse().await?;
    let queues = shared.live.queues().await?;
    let mut text = text(&visit, &pulse, &queues);
    if visit.gate.sees_all() {
        text.counter("jobs_dashboard_reads_total", "Reads that this program's dashboard has asked of the database.");
        text.sample("jobs_dashboard_reads_total", &[], shared.client.views());
    }
    Ok(([(header::CONTENT_TYPE, FORMAT)], text.0).into_response())
}

fn text(visit: &Visit, pulse: &Pulse, queues: &[QueueSummary]) -> Text {
    let queues = || queues.iter().filter(|queue| visit.gate.sees(&queue.queue));
    let mut text = Text::default();
    text.gauge("jobs_count", "Jobs that are stored, by queue, kind and state.");
    for total in pulse.totals.iter().filter(|total| visit.gate.sees(&total.queue)) {
        let labels = [("queue", &*total.queue), ("kind", &*total.kind), ("state", total.state.as_str())];
        text.sample("jobs_count", &labels, total.jobs);
    }
    text.gauge(
        "jobs_oldest_wait_seconds",
        "How long what is next in a queue has been due; 0 where nothing is runnable.",
    );
    for queue in queues() {
        let wait = queue.oldest_wait.unwrap_or_default().as_secs_f64();
        text.sample("jobs_oldest_wait_seconds", &[("queue", &*queue.queue)], wait);
    }
    text.gauge("jobs_queue_paused", "Whether a queue is paused.");
    for queue in queues() {
        text.sample("jobs_queue_paused", &[("queue", &*queue.queue)], i64::from(queue.pause.is_some()));
    }
    if visit.gate.sees_all() {
        let slots = |of: fn(&jobs_runtime::storage::ServerInfo) -> u32| {
            pulse.alive().map(|server| i64::from(of(&server.info))).sum::<i64>()
        };
        text.gauge("jobs_servers", "Servers whose lease is valid.");
        text.sample("jobs_servers", &[], pulse.alive().count());
        text.gauge("jobs_slots", "How many jobs all servers can run at once.");
        text.sample("jobs_slots", &[], slots(|info| info.workers));
        text.gauge("jobs_slots_used", "How many jobs run.");
        text.sample("jobs_slots_used", &[], slots(|info| info.running));
    }
    text
}

/// The text format.
#[derive(Default)]
struct Text(String);

impl Text {
    fn gauge(&mut self, name: &str, help: &str) {
        self.head(name, help, "gauge");
    }

    fn counter(&mut self, name: &str, help: &str) {
        self.head(name, help, "counter");
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing into a string cannot fail, here and below.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{}\"", if index == 0 { '{' } else { ',' }, escaped(text));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

/// A label's value may hold any character but these three.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use jobs_runtime::State;

    use super::*;

    #[test]
    fn samples_are_written_as_the_format_asks() {
        let mut text = Text::default();
        text.gauge("a", "What it is.");
        text.sample("a", &[], 7);
        text.sample("a", &[("x", "1\\2\"3\n4"), ("y", State::Failed.as_str())], 0.25);
        let expected = "# HELP a What it is.\n# TYPE a gauge\na 7\na{x=\"1\\\\2\\\"3\\n4\",y=\"failed\"} 0.25\n";
        assert_eq!(text.0, expected);
    }
}
