//! The example `shop` as a user runs it: its mails, its report, its backup and its closing line are right.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use common::{assert_sound, count, example_path, until};
use jobs::{Client, EventKind, JobFilter, JobRecord, State};
use mail_parser::{Message, MessageParser};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::process::Command;

/// How long a run may take; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(120);
const MADE_UP: i64 = 5_000;

fn shop(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(example_path("shop"));
    command.arg("--folder").arg(folder).args(arguments);
    command.env_remove("SMTP_URL").env_remove("RUST_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let run = shop(folder, arguments).output();
    tokio::time::timeout(PATIENCE, run).await.expect("the program ends").expect("the program starts")
}

async fn run_well(folder: &Path, arguments: &[&str]) -> Closing {
    let output = run(folder, arguments).await;
    assert!(output.status.success(), "{output:?}");
    Closing::of(&output)
}

/// The last line: `shop: 69 succeeded, 6 retried, 0 failed in 3.6 s`.
#[derive(Debug, PartialEq)]
struct Closing {
    succeeded: usize,
    retried: usize,
    failed: usize,
}

impl Closing {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let line = text.lines().last().expect("a last line").to_owned();
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let ["shop:", succeeded, "succeeded", retried, "retried", failed, "failed", "in", seconds, "s"] = words[..]
        else {
            panic!("not a closing line: {line}");
        };
        seconds.parse::<f64>().expect("seconds");
        let number = |word: &str| word.parse().expect("a number");
        Self { succeeded: number(succeeded), retried: number(retried), failed: number(failed) }
    }
}

async fn client(folder: &Path) -> Client {
    Client::connect(&format!("sqlite://{}", folder.join("jobs.db").display())).await.unwrap()
}

async fn jobs_in(client: &Client, state: State) -> Vec<JobRecord> {
    client.jobs(JobFilter::new(state).limit(10_000)).await.unwrap()
}

/// What the jobs themselves say about all runs on a folder so far.
async fn recounted(client: &Client) -> Closing {
    let (succeeded, failed) = (jobs_in(client, State::Succeeded).await, jobs_in(client, State::Failed).await);
    let mut retried = 0;
    for job in succeeded.iter().chain(&failed) {
        let history = client.job(job.id).history().await.unwrap();
        let attempts = history.iter().filter(|event| event.what == EventKind::AttemptFailed).count();
        retried += attempts - usize::from(job.state == State::Failed);
    }
    Closing { succeeded: succeeded.len(), retried, failed: failed.len() }
}

async fn database(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn number(connection: &mut SqliteConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

fn the_only(folder: &Path, ending: &str) -> PathBuf {
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "{} holds one file", folder.display());
    files(folder, ending).pop().expect("a file with this ending")
}

#[tokio::test]
async fn a_run_does_all_its_work_and_a_second_one_goes_on() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let first = run_well(folder, &["--exit-when-idle"]).await;
    let jobs = client(folder).await;
    assert_eq!(first, recounted(&jobs).await);
    // 20 welcomes, 20 confirmations, 20 invitations and their campaign, 6 feeds, a report, a backup.
    assert_eq!(first, Closing { succeeded: 69, retried: 6, failed: 0 });
    assert_sound(&jobs).await;

    let mut shop = database(&folder.join("shop.db")).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 20);
    assert_eq!(number(&mut shop, "SELECT count(*) FROM product WHERE stock = 0").await, 0);
    assert_mails(folder, &mut shop).await;
    assert_report(folder, &mut shop, &jobs).await;
    assert_backup(folder, &mut shop).await;

    let second = run_well(folder, &["--exit-when-idle", "--new-customers", "3"]).await;
    assert_eq!(second, Closing { succeeded: 35, retried: 6, failed: 0 });
    assert_eq!(recounted(&jobs).await, Closing { succeeded: 69 + 35, retried: 12, failed: 0 });
    assert_sound(&jobs).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 23);
    assert_eq!(files(&folder.join("mails"), ".eml").len(), 60 + 26);
}

/// Each new customer has a welcome and a confirmation, each of the best an invitation; there is no other mail.
async fn assert_mails(folder: &Path, shop: &mut SqliteConnection) {
    let mut mails: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut ids = Vec::new();
    for file in files(&folder.join("mails"), ".eml") {
        let bytes = fs::read(&file).unwrap();
        let mail = MessageParser::default().parse(&bytes).expect("a mail");
        assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("orders@shop.example"));
        ids.push(mail.message_id().expect("an id").to_owned());
        let to = mail.to().unwrap().first().unwrap();
        let text = body(&mail);
        assert!(text.starts_with(&format!("Dear {},", to.name().unwrap())), "{text}");
        let subject = mail.subject().unwrap().to_owned();
        assert_eq!(mails.insert((to.address().unwrap().to_owned(), subject), text), None, "no mail was sent twice");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), mails.len(), "each mail names its own job");

    let newcomers: Vec<(String, String, i64, i64, String)> = sqlx::query_as(
        "SELECT customer.email, customer.name, orders.id, orders.total, product.name FROM customer
         JOIN orders ON orders.customer = customer.id JOIN product ON product.id = orders.product WHERE customer.id > ?1",
    )
    .bind(MADE_UP)
    .fetch_all(&mut *shop)
    .await
    .unwrap();
    assert_eq!(newcomers.len(), 20);
    for (email, name, order, total, product) in newcomers {
        let welcome = mails.remove(&(email.clone(), format!("Welcome, {name}"))).expect("a welcome");
        assert!(welcome.contains("thank you for registering"), "{welcome}");
        let confirmation = mails.remove(&(email, format!("Your order {order}"))).expect("a confirmation");
        let total = format!("together {}.{:02} TRY", total / 100, total % 100);
        assert!(confirmation.contains(&total) && confirmation.contains(&product), "{confirmation}");
    }
    let best: Vec<String> = sqlx::query_scalar(
        "SELECT email FROM customer ORDER BY (SELECT sum(total) FROM orders WHERE customer = customer.id) DESC, id LIMIT 20",
    )
    .fetch_all(&mut *shop)
    .await
    .unwrap();
    for email in best {
        let invitation = mails.remove(&(email, "The spring sale is open".to_owned())).expect("an invitation");
        assert!(invitation.contains("our spring sale has begun"), "{invitation}");
    }
    assert!(mails.is_empty(), "{mails:?}");
}

fn body(mail: &Message<'_>) -> String {
    mail.body_text(0).expect("a text").replace("\r\n", "\n")
}

/// The report says of each of the last twelve months what the orders say, with Istanbul's clock 3 hours before UTC.
async fn assert_report(folder: &Path, shop: &mut SqliteConnection, jobs: &Client) {
    let report = jobs.jobs(JobFilter::new(State::Succeeded).kind("shop::report::month_end_report")).await.unwrap();
    let [report] = &report[..] else { panic!("one report, not {}", report.len()) };
    let (id, occurrence) = report.recurring.clone().expect("a recurring job made it");
    assert_eq!(id, "month-end-report");

    let mut expected: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT strftime('%Y-%m', placed_at + 10800, 'unixepoch') AS month, count(*), sum(total) FROM orders
         WHERE placed_at < ?1 GROUP BY month ORDER BY month DESC LIMIT 12",
    )
    .bind(occurrence.as_second())
    .fetch_all(&mut *shop)
    .await
    .unwrap();
    expected.reverse();
    let sum = (expected.iter().map(|month| month.1).sum(), expected.iter().map(|month| month.2).sum());
    expected.push(("together".to_owned(), sum.0, sum.1));

    let path = the_only(&folder.join("reports"), ".csv");
    let day = occurrence.in_tz("Europe/Istanbul").unwrap().date();
    assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("month-end-{day}.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap(), ["month", "orders", "total"].as_slice());
    let rows: Vec<(String, i64, String)> = reader.deserialize().map(|row| row.unwrap()).collect();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(month, orders, total)| (month, orders, format!("{}.{:02}", total / 100, total % 100)))
        .collect();
    assert_eq!(rows, expected);
}

async fn assert_backup(folder: &Path, shop: &mut SqliteConnection) {
    let mut copy = database(&the_only(&folder.join("backups"), ".db")).await;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.unwrap();
    assert_eq!(found, "ok");
    for query in ["SELECT count(*) FROM customer", "SELECT count(*) FROM orders", "SELECT sum(total) FROM orders"] {
        assert_eq!(number(&mut copy, query).await, number(&mut *shop, query).await, "{query}");
    }
}

#[tokio::test]
async fn customers_come_from_a_file_whose_bad_lines_are_named() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path().join("a folder? 100 %");
    let file = temporary.path().join("customers.csv");
    let lines = [
        "name,email,city",
        "Şükrü Öztürk,sukru@example.org,İzmir",
        "Ada,no address,London",
        "Grace,grace@example.org",
        "Edsger, edsger@example.org ,Rotterdam",
        ",nobody@example.org,Nowhere",
        "\"Lovelace, Ada\",ada@example.org,London",
        "Somebody Else,ada@example.org,London",
    ];
    // As a spreadsheet writes it: with a mark before the first letter, and lines that end with two characters.
    fs::write(&file, format!("\u{feff}{}\r\n", lines.join("\r\n"))).unwrap();
    let arguments = ["--exit-when-idle", "--new-customers", "1", "--customers", file.to_str().unwrap()];
    let output = run(&folder, &arguments).await;
    assert!(output.status.success(), "{output:?}");
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    for (line, why) in [
        (3, "`no address` is not a mail address"),
        (4, "it has 2 columns instead of 3"),
        (6, "it has no name"),
        (8, "`ada@example.org` is a customer already"),
    ] {
        assert!(errors.contains(&format!("customers.csv, line {line} is left out: {why}")), "{errors}");
    }
    assert_eq!(errors.matches("is left out").count(), 4, "{errors}");

    let mut shop = database(&folder.join("shop.db")).await;
    let query = sqlx::query_as("SELECT name, email FROM customer ORDER BY id");
    let customers: Vec<(String, String)> = query.fetch_all(&mut shop).await.unwrap();
    let customers: Vec<_> = customers.iter().map(|(name, email)| (name.as_str(), email.as_str())).collect();
    assert_eq!(
        customers[..3],
        [("Şükrü Öztürk", "sukru@example.org"), ("Edsger", "edsger@example.org"), ("Lovelace, Ada", "ada@example.org")]
    );
    // The three of the file and the one who registered are the best customers, and all hear of the campaign.
    assert_eq!(customers.len(), 4);
    assert_eq!(Closing::of(&output), Closing { succeeded: 1 + 1 + 1 + 4 + 6 + 2, retried: 6, failed: 0 });
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path().join("shop");
    let file = temporary.path().join("customers.csv");
    let refused = async |expected: &str| {
        let output = run(&folder, &["--exit-when-idle", "--customers", file.to_str().unwrap()]).await;
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains("customers.csv") && errors.contains(expected), "{errors}");
    };
    refused("cannot open").await;
    fs::write(&file, "name;email;city\nAda;ada@example.org;London\n").unwrap();
    refused("has no column `name`").await;
    fs::write(&file, "name,email,city\n").unwrap();
    refused("holds no customer").await;

    // None of these left anything behind that a proper run would stumble over.
    fs::write(&file, "name,email,city\nAda,ada@example.org,London\nGrace,,Arlington").unwrap();
    let arguments = ["--exit-when-idle", "--new-customers", "0", "--customers", file.to_str().unwrap()];
    let output = run(&folder, &arguments).await;
    assert!(output.status.success(), "{output:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("customers.csv, line 3 is left out: `` is not a mail address"), "{errors}");
}

#[tokio::test]
async fn a_job_that_fails_shows_in_the_exit_code() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let output = run(folder, &["--exit-when-idle", "--new-customers", "1", "--feed-always-fails"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    // Four attempts each; a welcome, a confirmation, 20 invitations and their campaign, a report, a backup go well.
    let closing = Closing::of(&output);
    assert_eq!(closing, Closing { succeeded: 25, retried: 18, failed: 6 });
    let jobs = client(folder).await;
    assert_eq!(closing, recounted(&jobs).await);
    let errors = String::from_utf8(output.stderr).unwrap();
    for job in jobs_in(&jobs, State::Failed).await {
        assert_eq!(job.kind, "shop::feed::update_stock");
        let line = format!("{} failed after 4 attempts: supplier", job.id);
        assert!(errors.contains(&line), "{line}\n{errors}");
    }
    assert_sound(&jobs).await;
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_drains_and_the_next_run_does_the_rest() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let child = shop(folder, &[]).spawn().unwrap();
    let id = child.id().expect("it runs").to_string();
    let path = folder.join("jobs.db");
    until("the program to make its jobs", || async { path.exists().then_some(()) }).await;
    let jobs = client(folder).await;
    // The campaign waits for its time for three seconds.
    until("the campaign to wait", || async { (count(&jobs, State::Scheduled).await > 0).then_some(()) }).await;
    until("the backup to be there", || async {
        let backups = jobs.jobs(JobFilter::new(State::Succeeded).kind("shop::backup::back_up")).await.unwrap();
        (!backups.is_empty()).then_some(())
    })
    .await;
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    assert!(output.status.success(), "{output:?}");
    let first = Closing::of(&output);
    assert_eq!(first.succeeded, recounted(&jobs).await.succeeded);
    assert_eq!(count(&jobs, State::Processing).await, 0, "whatever ran was waited for");

    let rest = run_well(folder, &["--exit-when-idle", "--new-customers", "0"]).await;
    // The second run has 20 invitations with their campaign, 6 feeds, a report and a backup of its own.
    let together = Closing {
        succeeded: first.succeeded + rest.succeeded,
        retried: first.retried + rest.retried,
        failed: first.failed + rest.failed,
    };
    assert_eq!(together, Closing { succeeded: 69 + 29, retried: 12, failed: 0 });
    assert_eq!(together, recounted(&jobs).await);
    assert_sound(&jobs).await;
}
