//! What a run of the shop must have left in its folder.

use std::{collections::BTreeMap, fs, path::Path};

use jobs::{Client, JobFilter, State};
use mail_parser::{Message, MessageParser};
use sqlx::SqliteConnection;

use crate::{MADE_UP, database, files, number, the_only};

/// Each new customer has a welcome and a confirmation, each of the best an invitation; there is no other mail.
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
    assert_eq!(newcomers.len(), new_customers);
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
pub(crate) async fn assert_report(folder: &Path, shop: &mut SqliteConnection, jobs: &Client) {
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

pub(crate) async fn assert_backup(folder: &Path, shop: &mut SqliteConnection) {
    let mut copy = database(&the_only(&folder.join("backups"), ".db")).await;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.unwrap();
    assert_eq!(found, "ok");
    for query in ["SELECT count(*) FROM customer", "SELECT count(*) FROM orders", "SELECT sum(total) FROM orders"] {
        assert_eq!(number(&mut copy, query).await, number(&mut *shop, query).await, "{query}");
    }
}
