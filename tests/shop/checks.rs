//! What a run of the shop must have left in its folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jobs::{Client, JobFilter, State};
use mail_parser::{Message, MessageParser};
use sqlx::SqliteConnection;

use crate::{MADE_UP, database, files, number, the_only};

const OFFICE: &str = "office@shop.example";

/// Each new customer has a welcome and a confirmation, every customer an invitation, and the office a summary of those and an alert;
/// there is no other mail.
pub(crate) async fn assert_mails(folder: &Path, shop: &mut SqliteConnection, new_customers: usize) {
    let mut mails: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut ids = Vec::new();
    for file in files(&folder.join("mails"), ".eml") {
        let bytes = fs::read(&file).unwrap();
        let mail = MessageParser::default().parse(&bytes).expect("a mail");
        assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("orders@shop.example"));
        ids.push(mail.message_id().expect("an id").to_owned());
        let to = mail.to().unwrap().first().unwrap();
        let text = body(&mail);
        let is_addressed = text.starts_with(&format!("Dear {},", to.name().unwrap()));
        assert!(is_addressed || to.address() == Some(OFFICE), "{text}");
        let subject = mail.subject().unwrap().to_owned();
        assert_eq!(mails.insert((to.address().unwrap().to_owned(), subject), text), None, "no mail was sent twice");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), mails.len(), "each mail names its own job");

    let newcomers: Vec<(String, String, String, i64, i64, String)> = sqlx::query_as(
        "SELECT customer.email, customer.name, account.voucher, orders.id, orders.total, product.name FROM customer
         JOIN account ON account.customer = customer.id JOIN orders ON orders.customer = customer.id
         JOIN product ON product.id = orders.product WHERE customer.id > ?1",
    )
    .bind(MADE_UP)
    .fetch_all(&mut *shop)
    .await
    .unwrap();
    assert_eq!(newcomers.len(), new_customers);
    for (email, name, voucher, order, total, product) in newcomers {
        let welcome = mails.remove(&(email.clone(), format!("Welcome, {name}"))).expect("a welcome");
        assert_eq!(voucher.len(), 8);
        assert!(welcome.contains(&format!("Your voucher for the next order is {voucher}.")), "{welcome}");
        let confirmation = mails.remove(&(email, format!("Your order {order}"))).expect("a confirmation");
        let total = format!("together {} TRY", amount(total));
        assert!(confirmation.contains(&total) && confirmation.contains(&product), "{confirmation}");
    }
    assert_campaign(&mut mails, shop).await;
    let alert = mails.remove(&(OFFICE.to_owned(), "Alert: the catalogue".to_owned())).expect("an alert");
    assert!(alert.contains("look after the catalogue yourselves:\n\nbazaar.example answers: 410 Gone\n"), "{alert}");
    assert!(mails.is_empty(), "{mails:?}");
}

/// Every customer was invited, and the summary says so, city by city.
async fn assert_campaign(mails: &mut BTreeMap<(String, String), String>, shop: &mut SqliteConnection) {
    let customers: Vec<(String, String)> =
        sqlx::query_as("SELECT email, name FROM customer").fetch_all(&mut *shop).await.unwrap();
    for (email, name) in &customers {
        let invitation = mails.remove(&(email.clone(), "The spring sale is open".to_owned())).expect("an invitation");
        assert_eq!(invitation, format!("Dear {name},\n\nour spring sale has begun, and you hear of it first.\n"));
    }
    let summary = mails.remove(&(OFFICE.to_owned(), "The spring sale: all mails".to_owned())).expect("a summary");
    let number = customers.len();
    let mut expected = vec![format!("Of {number} mails {number} were sent, 0 failed, 0 were left out."), String::new()];
    let query = sqlx::query_as("SELECT city, count(*) FROM customer GROUP BY city ORDER BY city");
    let cities: Vec<(String, i64)> = query.fetch_all(&mut *shop).await.unwrap();
    expected.extend(cities.into_iter().map(|(city, number)| format!("{city}: {number}")));
    assert_eq!(summary.lines().collect::<Vec<_>>(), expected);
}

/// The report whose name begins like this, of the two that there are.
pub(crate) fn report_named(folder: &Path, name: &str) -> PathBuf {
    let reports = files(&folder.join("reports"), "");
    assert_eq!(reports.len(), 2, "{reports:?}");
    let is_named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(name);
    reports.into_iter().find(is_named).expect("a report of this name")
}

/// The joined report says of each region what the orders say.
pub(crate) async fn assert_regions(folder: &Path, shop: &mut SqliteConnection) {
    let query = sqlx::query_as(
        "SELECT city, count(orders.id), coalesce(sum(total), 0) FROM customer
         LEFT JOIN orders ON orders.customer = customer.id GROUP BY city
         ORDER BY count(DISTINCT customer.id) DESC, city",
    );
    let mut expected: Vec<(String, i64, i64)> = query.fetch_all(&mut *shop).await.unwrap();
    let sum = (expected.iter().map(|region| region.1).sum(), expected.iter().map(|region| region.2).sum());
    expected.push(("together".to_owned(), sum.0, sum.1));
    let mut reader = csv::Reader::from_path(report_named(folder, "regions.csv")).unwrap();
    assert_eq!(reader.headers().unwrap(), ["region", "orders", "total"].as_slice());
    let rows: Vec<(String, i64, String)> = reader.deserialize().map(|row| row.unwrap()).collect();
    let expected: Vec<_> = expected.into_iter().map(|(city, orders, total)| (city, orders, amount(total))).collect();
    assert_eq!(rows, expected);
}

fn amount(total: i64) -> String {
    format!("{}.{:02}", total / 100, total % 100)
}

fn body(mail: &Message<'_>) -> String {
    mail.body_text(0).expect("a text").replace("\r\n", "\n")
}

/// The report says of each of the last twelve months what the orders say, with Istanbul's clock 3 hours before UTC.
pub(crate) async fn assert_report(folder: &Path, shop: &mut SqliteConnection, jobs: &Client) {
    let report = jobs.jobs(JobFilter::new(State::Succeeded).kind("shop::report::month_end_report")).await.unwrap().jobs;
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

    let path = report_named(folder, "month-end-");
    let day = occurrence.in_tz("Europe/Istanbul").unwrap().date();
    assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("month-end-{day}.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap(), ["month", "orders", "total"].as_slice());
    let rows: Vec<(String, i64, String)> = reader.deserialize().map(|row| row.unwrap()).collect();
    let expected: Vec<_> = expected.into_iter().map(|(month, orders, total)| (month, orders, amount(total))).collect();
    assert_eq!(rows, expected);
}

pub(crate) async fn assert_backup(folder: &Path, shop: &mut SqliteConnection) {
    let mut copy = database(&the_only(&folder.join("backups"), ".db")).await;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.unwrap();
    assert_eq!(found, "ok");
    for query in ["SELECT count(*) FROM customer", "SELECT count(*) FROM orders", "SELECT sum(total) FROM orders"] {
        assert_eq!(number(&mut copy, query).await, number(&mut *shop, query).await, "{query}");
    }
}
