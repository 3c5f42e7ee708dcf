//! What streams are told, and when they end.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::{FutureExt, StreamExt};
use jobs::prelude::*;
use scraper::Html;
use serde_json::Value;
use tokio::sync::oneshot;

use super::*;
use crate::{
    Dashboard,
    tests::site::{Site, ask, by_header, get, select, send, words},
};

#[job(queue = "live")]
async fn nothing() {}

/// The next event of a stream as its JSON; `None` at its end.
async fn next(
    stream: &mut (impl futures_util::Stream<Item = Result<axum::body::Bytes, axum::Error>> + Unpin),
) -> Option<Value> {
    loop {
        let chunk = stream.next().await?.expect("a chunk");
        let text = std::str::from_utf8(&chunk).expect("a text");
        if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) {
            assert!(text.starts_with("event: pulse\n"), "{text}");
            return Some(serde_json::from_str(data).expect("JSON"));
        }
    }
}

#[tokio::test]
async fn a_stream_tells_what_has_changed() {
    let site = Site::new().await;
    let answer = send(&site.dashboard().router(), get("/live", &[])).await;
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"text/event-stream".parse().expect("a value"))
    );
    let mut stream = answer.into_body().into_data_stream();
    let first = next(&mut stream).await.expect("an event");
    assert_eq!(
        (&first["state"], &first["counts"]["servers"], &first["versions"]),
        (&"on".into(), &"0".into(), &Value::from(vec![0, 0]))
    );
    nothing::enqueue().on(&site.client).await.expect("a job");
    let versions = loop {
        let event = next(&mut stream).await.expect("an event");
        if event["versions"] != first["versions"] {
            break event["versions"].clone();
        }
    };
    assert_eq!(versions, Value::from(vec![1, 0]), "the totals, and not the servers");
}

#[tokio::test]
async fn a_stream_tells_what_ends_and_the_overview_begins_with_it() {
    let site = Site::new().await;
    // So that who sees that queue sees more than the first steps.
    nothing::enqueue().queue("mail").delay("1h").on(&site.client).await.expect("a job");
    let router = Dashboard::new(&site.client, by_header()).router();
    let open = async |role| send(&router, get("/live", &[("x-role", role)])).await.into_body().into_data_stream();
    let mut stream = open("read").await;
    let mut narrow = open("mail:read").await;
    let first = next(&mut stream).await.expect("an event");
    assert_eq!(first["now"]["ended"], Value::from(Vec::<Value>::new()));
    let server = site.client.server().queues(["live"]).start().await.expect("a server");
    nothing::enqueue().on(&site.client).await.expect("a job").wait().await.expect("it succeeds");
    let ended = loop {
        let event = next(&mut stream).await.expect("an event");
        let ended = event["now"]["ended"].as_array().expect("seconds").clone();
        if !ended.is_empty() {
            let now = event["now"]["at"].as_i64().expect("a second");
            assert!(ended[0][0].as_i64().is_some_and(|at| at <= now && at > now - 60), "{event}");
            break ended;
        }
    };
    assert_eq!((ended.len(), &ended[0][1]), (1, &Value::from(vec![1, 0])));
    server.stop().await;
    let page = ask(&router, get("/", &[("x-role", "read")])).await.page();
    let figure = select(&page, "figure[data-now]")[0];
    let numbers: Value = serde_json::from_str(figure.attr("data-now").expect("numbers")).expect("JSON");
    assert_eq!(numbers["ended"], Value::from(ended), "the page goes on from where the stream is");
    assert_eq!(words(&page, ".now .legend li"), "Succeeded 1");
    let drawn = |page: &Html| {
        let paths = select(page, ".now svg[role=img][aria-label] path");
        paths.iter().map(|path| path.attr("d").expect("a path").is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(drawn(&page), [false, true], "what succeeded is drawn, and nothing failed");
    // Who sees another queue hears that something has changed, and not what.
    while next(&mut narrow).await.expect("an event")["versions"] == first["versions"] {}
    let page = ask(&router, get("/", &[("x-role", "mail:read")])).await.page();
    assert_eq!((words(&page, ".now .legend li").as_str(), drawn(&page)), ("Succeeded 0", vec![true, true]));
    let event = next(&mut open("mail:read").await).await.expect("an event");
    assert_eq!(event["now"]["ended"], Value::from(Vec::<Value>::new()));
}

#[tokio::test]
async fn who_sees_one_queue_is_not_told_of_servers() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let mut stream = send(&router, get("/live", &[("x-role", "live:read")])).await.into_body().into_data_stream();
    let first = next(&mut stream).await.expect("an event");
    assert_eq!(first["counts"], serde_json::json!({ "errors": "0" }));
}

#[tokio::test]
async fn streams_end_when_the_web_server_stops() {
    let site = Site::new().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let router = site.dashboard().shutdown(stopped.map(|_| ())).router();
    let mut stream = send(&router, get("/live", &[])).await.into_body().into_data_stream();
    next(&mut stream).await.expect("an event");
    stop.send(()).expect("somebody listens");
    while next(&mut stream).await.is_some() {}
}

#[tokio::test]
async fn the_number_of_streams_is_bounded_and_places_come_back() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let mut open = Vec::new();
    for _ in 0..STREAMS {
        let answer = send(&router, get("/live", &[])).await;
        assert_eq!(answer.status(), StatusCode::OK);
        open.push(answer);
    }
    assert_eq!(send(&router, get("/live", &[])).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    open.pop();
    assert_eq!(send(&router, get("/live", &[])).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn it_ticks_while_somebody_listens_and_only_once() {
    let site = Site::new().await;
    let live = Live::new(site.client.clone(), std::future::pending().boxed().shared());
    let inner = live.0.clone();
    assert!(!inner.ticks.load(Ordering::SeqCst));
    let places: Vec<_> = (0..50).map(|_| live.subscribe().expect("a place")).collect();
    let mut feed = inner.feed.subscribe();
    feed.changed().await.expect("a beat");
    assert!(inner.ticks.load(Ordering::SeqCst));
    // The test, the feed of the dashboard and the one task hold it.
    assert_eq!(Arc::strong_count(&inner), 3);
    drop((places, feed));
    while inner.ticks.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(live.subscribe().is_some() && inner.ticks.load(Ordering::SeqCst), "it ticks again for the next");
}

#[test]
fn points_of_a_range_end_with_the_one_that_is_not_over() {
    let now: Timestamp = "2026-11-23T04:30:29Z".parse().expect("an instant");
    for (range, count, first, last) in [
        (Range::Hour, 60, "2026-11-23T03:31:00Z", "2026-11-23T04:30:00Z"),
        (Range::Day, 24, "2026-11-22T05:00:00Z", "2026-11-23T04:00:00Z"),
        (Range::Month, 30, "2026-10-25T00:00:00Z", "2026-11-23T00:00:00Z"),
        (Range::Year, 365, "2025-11-24T00:00:00Z", "2026-11-23T00:00:00Z"),
    ] {
        let times = range.times(now);
        assert_eq!(
            (times.len(), times[0].to_string(), times[count - 1].to_string()),
            (count, first.into(), last.into())
        );
        assert_eq!(range.index(&times, now), Some(count - 1));
        assert_eq!(range.index(&times, times[0]), Some(0));
        assert_eq!(range.index(&times, times[0] - SignedDuration::from_secs(1)), None);
        assert_eq!(range.index(&times, now + SignedDuration::from_hours(24 * 2)), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_who_watch_ask_the_database_as_often_as_one() {
    let site = Site::new().await;
    nothing::enqueue().on(&site.client).await.expect("a job");
    let shared = site.shared();
    let router = crate::routes::all(&shared).into_router(shared.clone());
    let mut stream = send(&router, get("/live", &[])).await.into_body().into_data_stream();
    next(&mut stream).await.expect("an event");
    for path in ["/", "/jobs?state=enqueued", "/errors", "/queues", "/kinds", "/audit", "/operations"] {
        shared.live.forget().await;
        let before = shared.client.views();
        let answers = (0..50).map(|_| ask(&router, get(path, &[])));
        for answer in futures_util::future::join_all(answers).await {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        }
        // What the stream itself asks for is among them, and what is old before the fiftieth has asked is read anew. By themselves the
        // fifty would have asked for each of these things fifty times.
        let asked = shared.client.views() - before;
        assert!(asked < 50, "{path}: {asked} reads");
    }
}
