//! What is read, of an empty database and of one that holds something.

use axum::http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{LISTS, SECRET, filled, greet, read, reads};
use crate::tests::site::{Site, ask, get};

#[tokio::test]
async fn an_empty_database_has_empty_lists() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for path in LISTS {
        read(&router, path).await;
    }
    let list = |field: &str| json!({ field: [], "next": null });
    assert_eq!(read(&router, "/api/v1/errors").await, list("errors"));
    assert_eq!(read(&router, "/api/v1/operations").await, list("operations"));
    assert_eq!(read(&router, "/api/v1/batches").await, list("batches"));
    assert_eq!(read(&router, "/api/v1/audit").await, list("acts"));
    assert_eq!(read(&router, "/api/v1/queues").await, json!({ "queues": [] }));
    assert_eq!(read(&router, "/api/v1/kinds").await, json!({ "kinds": [] }));
    assert_eq!(read(&router, "/api/v1/recurring").await, json!({ "recurring": [] }));
    assert_eq!(read(&router, "/api/v1/servers").await, json!({ "servers": [] }));
    let jobs = json!({ "jobs": [], "next": null, "previous": null, "looked": 0, "stopped": false, "unread": 0 });
    assert_eq!(read(&router, "/api/v1/jobs").await, jobs);
    let overview = read(&router, "/api/v1/overview").await;
    assert_eq!(
        (&overview["healthy"], &overview["problems"], &overview["totals"]),
        (&json!(true), &json!([]), &json!([]))
    );
    assert_eq!(overview["servers"], json!({ "alive": 0, "workers": 0, "running": 0 }));
}

#[tokio::test]
async fn all_is_read_and_no_secret_is_among_it() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    for path in reads(&filled) {
        let answer = ask(&router, get(&path, &[])).await;
        assert_eq!(
            (answer.status, answer.header(header::CONTENT_TYPE)),
            (StatusCode::OK, "application/json"),
            "{path}"
        );
        assert!(!answer.text().contains(SECRET), "{path}");
    }
    filled.server.stop().await;
}

#[tokio::test]
async fn a_failed_job_tells_all_of_itself() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let told = read(&router, &format!("/api/v1/jobs/{}", filled.failed)).await;
    filled.server.stop().await;
    let job = &told["job"];
    assert_eq!((&job["id"], &job["state"]), (&json!(filled.failed.to_string()), &json!("failed")));
    assert_eq!(job["args"], json!({ "user": "ada", "password": "[redacted]" }));
    assert_eq!((&job["attempt"], &job["max_attempts"], &job["args_unread"]), (&json!(1), &json!(1), &Value::Null));
    assert_eq!((&job["tags"], &job["meta"]), (&json!(["vip"]), &json!({ "tenant": "7" })));
    assert_eq!(job["reason"], "no user ada with 11 letters");
    assert_eq!(job["acts"], json!(["requeue", "delete", "reschedule", "edit"]));
    let why = &told["why"]["reasons"];
    assert_eq!((why[0]["code"].as_str(), &why[0]["used_up"]), (Some("ended"), &json!(true)));
    let event = &told["events"][0];
    assert_eq!(
        (&event["event"], &event["attempt"], &event["text"]),
        (&json!("attempt_failed"), &json!(1), &job["reason"])
    );
    for at in [&job["created_at"], &job["finished_at"], &event["at"], &told["why"]["at"]] {
        let text = at.as_str().expect("a time");
        assert!(text.ends_with('Z') && text.parse::<Timestamp>().is_ok(), "{text}");
    }
    assert_eq!((&told["output"], &told["logs"], &told["edges"]), (&Value::Null, &json!([]), &json!([])));
}

#[tokio::test]
async fn numbers_stay_exact() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let told = read(&router, &format!("/api/v1/jobs/{}", filled.succeeded)).await;
    filled.server.stop().await;
    assert_eq!(told["output"], json!(u64::MAX));
    assert_eq!(told["job"]["args"]["parts"], json!([u64::MAX - 1, 1]));
}

#[tokio::test]
async fn a_batch_is_told_with_its_jobs_and_what_waits_for_it() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let told = read(&router, &format!("/api/v1/batches/{}", filled.batch)).await;
    filled.server.stop().await;
    assert_eq!((&told["batch"]["description"], &told["batch"]["state"]), (&json!("everybody"), &json!("started")));
    assert_eq!(told["batch"]["members"]["total"], 4);
    assert_eq!((told["jobs"].as_array().map(Vec::len), &told["inner"][0]["description"]), (Some(3), &json!("inner")));
    assert_eq!(told["jobs"][0]["batch"], json!({ "type": "batch", "id": filled.batch }));
    let edge = told["edges"].as_array().expect("edges").iter().find(|edge| edge["parent"]["id"] == json!(filled.batch));
    let edge = edge.expect("what waits for it");
    assert_eq!(
        (&edge["condition"], &edge["child"]["type"], &edge["ending"]),
        (&json!("success"), &json!("job"), &Value::Null)
    );
}

#[tokio::test]
async fn queues_kinds_servers_and_recurring_jobs_are_told_with_their_pauses() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let queues = read(&router, "/api/v1/queues").await;
    let kinds = read(&router, "/api/v1/kinds").await;
    let servers = read(&router, "/api/v1/servers").await;
    let recurring = read(&router, "/api/v1/recurring").await;
    let overview = read(&router, "/api/v1/overview").await;
    let server = filled.server.id().to_string();
    filled.server.stop().await;
    let queue = |name: &str| {
        let queues = queues["queues"].as_array().expect("queues");
        queues.iter().find(|queue| queue["queue"] == name).expect("a queue").clone()
    };
    assert_eq!(
        (&queue("slow")["pause"]["reason"], &queue("slow")["counts"]["enqueued"]),
        (&json!("too much"), &json!(5))
    );
    let mail = queue("mail");
    assert_eq!((&mail["servers"], &mail["throughput"]["failed"], &mail["pause"]), (&json!(1), &json!(1), &Value::Null));
    assert_eq!(mail["throughput"]["runs"]["count"], 2);
    assert!(mail["throughput"]["runs"]["p95_ms"].is_u64(), "{mail}");
    let paused: Vec<_> =
        kinds["kinds"].as_array().expect("kinds").iter().filter(|kind| kind["pause"] != Value::Null).collect();
    assert_eq!((paused.len(), paused[0]["kind"].as_str().map(|kind| kind.ends_with("sign_in"))), (1, Some(true)));
    let one = &servers["servers"][0];
    assert_eq!((&one["id"], &one["queues"], &one["workers"]), (&json!(server), &json!(["mail"]), &json!(2)));
    assert_eq!(one["pause"]["name"], json!(server));
    let all = recurring["recurring"].as_array().expect("recurring jobs");
    let digest = all.iter().find(|one| one["id"] == "digest/42").expect("the one of this site");
    assert_eq!(
        (&digest["id"], &digest["zone"], &digest["owner"]),
        (&json!("digest/42"), &json!("Europe/Istanbul"), &json!("runtime"))
    );
    assert_eq!(
        (&digest["described"], digest["next"].as_array().map(Vec::len)),
        (&json!("At 08:00 on Monday"), Some(3))
    );
    assert_eq!(
        (&digest["misfire"], &digest["overlap"], &digest["pause"]["what"]),
        (&json!("once"), &json!("allow"), &json!("recurring"))
    );
    let problems = overview["problems"].as_array().expect("problems");
    assert!(problems.iter().any(|one| one["code"] == "nobody_reads" && one["queue"] == "payroll"), "{overview}");
    assert_eq!((&overview["healthy"], &overview["servers"]["alive"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn jobs_are_filtered_as_on_the_page() {
    let site = Site::new().await;
    for name in ["Ada", "Grace", "Adele"] {
        greet::enqueue(name).on(&site.client).await.expect("a job");
    }
    greet::enqueue("Later").delay("1h").on(&site.client).await.expect("a job");
    let router = site.dashboard().router();
    let names = async |query: &str| {
        let list = read(&router, &format!("/api/v1/jobs{query}")).await;
        let names = list["jobs"]
            .as_array()
            .expect("jobs")
            .iter()
            .map(|job| job["args"]["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Ada", "Grace", "Adele"]);
    assert_eq!(names("?state=scheduled").await, ["Later"]);
    assert_eq!(names("?q=ade&queue=mail&nonsense=7").await, ["Adele"]);
    assert_eq!(names("?kind=nobody").await, [""; 0]);
    assert_eq!(names("?from=2999-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(names("?limit=2").await, ["Ada", "Grace"]);
    let searched = read(&router, "/api/v1/jobs?q=nothing").await;
    assert_eq!((&searched["looked"], &searched["stopped"], &searched["unread"]), (&json!(3), &json!(false), &json!(0)));
}

#[tokio::test]
async fn args_that_are_long_stand_at_the_job_alone() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("x".repeat(10_000)).on(&site.client).await.expect("a job").id();
    let listed = read(&router, "/api/v1/jobs").await["jobs"][0].clone();
    assert_eq!(
        (&listed["args"], listed["args_unread"].as_str().map(|why| why.contains("10011 bytes"))),
        (&Value::Null, Some(true))
    );
    let told = read(&router, &format!("/api/v1/jobs/{id}")).await;
    assert_eq!(told["job"]["args"]["name"].as_str().map(str::len), Some(10_000));
}

#[tokio::test]
async fn stats_count_what_has_happened() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let stats = read(&router, "/api/v1/stats?range=1d").await;
    filled.server.stop().await;
    let points = stats["points"].as_array().expect("points");
    assert_eq!((&stats["range"], &stats["step_seconds"], points.len()), (&json!("1d"), &json!(3_600), 24));
    let sum = |field: &str| points.iter().map(|point| point[field].as_i64().expect("a count")).sum::<i64>();
    assert_eq!((sum("succeeded"), sum("failed"), sum("deleted"), sum("created")), (1, 1, 1, 11));
}
