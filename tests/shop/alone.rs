//! One process that does everything.

use std::fs;

use jobs::{JobFilter, State};
use tempfile::TempDir;

use crate::{
    Closing, MADE_UP, at_the_end,
    checks::{assert_backup, assert_mails, assert_report},
    client,
    common::{assert_sound, count, until},
    database, files, jobs_in, number, recounted, run, run_well, shop,
};

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
    assert_mails(folder, &mut shop, 20).await;
    assert_report(folder, &mut shop, &jobs).await;
    assert_backup(folder, &mut shop).await;

    let second = run_well(folder, &["--exit-when-idle", "--new-customers", "3"]).await;
    assert_eq!(second, Closing { succeeded: 35, retried: 6, failed: 0 });
    assert_eq!(recounted(&jobs).await, Closing { succeeded: 69 + 35, retried: 12, failed: 0 });
    assert_sound(&jobs).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 23);
    assert_eq!(files(&folder.join("mails"), ".eml").len(), 60 + 26);
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
    let output = at_the_end(child).await;
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
