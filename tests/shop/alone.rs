//! One process that does everything.

use std::fs;

use jobs::{JobFilter, State};
use tempfile::TempDir;

use crate::{
    ANY_DAY, Closing, MADE_UP, NEWCOMER, RETRIED, at_the_end,
    checks::{assert_backup, assert_mails, assert_regions, assert_report},
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
    // Everybody is invited: the 5,000 and the 20 who came.
    assert_eq!(first, Closing { succeeded: 20 * NEWCOMER + 5_020 + ANY_DAY, retried: RETRIED, failed: 0 });
    assert_sound(&jobs).await;

    let mut shop = database(&folder.join("shop.db")).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 20);
    assert_eq!(number(&mut shop, "SELECT count(*) FROM product WHERE stock = 0").await, 0);
    assert_mails(folder, &mut shop, 20).await;
    assert_report(folder, &mut shop, &jobs).await;
    assert_regions(folder, &mut shop).await;
    assert_backup(folder, &mut shop).await;

    let second = run_well(folder, &["--exit-when-idle", "--new-customers", "3", "--invite", "20"]).await;
    assert_eq!(second, Closing { succeeded: 3 * NEWCOMER + 20 + ANY_DAY, retried: RETRIED, failed: 0 });
    let together = Closing { succeeded: first.succeeded + second.succeeded, retried: 2 * RETRIED, failed: 0 };
    assert_eq!(recounted(&jobs).await, together);
    assert_sound(&jobs).await;
    assert_eq!(number(&mut shop, "SELECT count(*) FROM customer").await, MADE_UP + 23);
    assert_eq!(files(&folder.join("mails"), ".eml").len(), 40 + 5_020 + 2 + 6 + 20 + 2);
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
    // The three of the file and the one who registered hear of the campaign.
    assert_eq!(customers.len(), 4);
    let regions = usize::try_from(number(&mut shop, "SELECT count(DISTINCT city) FROM customer").await).unwrap();
    let succeeded = NEWCOMER + 4 + ANY_DAY - 8 + regions;
    assert_eq!(Closing::of(&output), Closing { succeeded, retried: RETRIED, failed: 0 });
    assert_regions(&folder, &mut shop).await;
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
    let output =
        run(folder, &["--exit-when-idle", "--new-customers", "1", "--invite", "20", "--feed-always-fails"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    // Four attempts each; all but the feeds go well.
    let closing = Closing::of(&output);
    assert_eq!(closing, Closing { succeeded: NEWCOMER + 20 + ANY_DAY - 6, retried: 18, failed: 6 });
    let jobs = client(folder).await;
    assert_eq!(closing, recounted(&jobs).await);
    let errors = String::from_utf8(output.stderr).unwrap();
    let failed = jobs_in(&jobs, State::Failed).await;
    assert_eq!(failed.len(), 6 + 1);
    for job in failed {
        let why = match &*job.kind {
            "shop::feed::update_stock" => "failed after 4 attempts: supplier",
            "shop::catalogue::send_catalogue" => "failed after 1 attempts: bazaar.example answers: 410 Gone",
            other => panic!("{other} must not fail"),
        };
        let line = format!("{} {why}", job.id);
        assert!(errors.contains(&line), "{line}\n{errors}");
    }
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nshop: failures that the office was alerted to: 1, not counted below\n"), "{text}");
    assert_sound(&jobs).await;
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_drains_and_the_next_run_does_the_rest() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let child = shop(folder, &["--invite", "20"]).spawn().unwrap();
    let id = child.id().expect("it runs").to_string();
    let path = folder.join("jobs.db");
    until("the program to make its jobs", || async { path.exists().then_some(()) }).await;
    let jobs = client(folder).await;
    // The campaign waits for its time for three seconds.
    until("the campaign to wait", || async { (count(&jobs, State::Scheduled).await > 0).then_some(()) }).await;
    for kind in ["shop::backup::back_up", "shop::catalogue::alert"] {
        until(&format!("{kind} to have run"), || async {
            let ended = jobs.jobs(JobFilter::new(State::Succeeded).kind(kind)).await.unwrap().jobs;
            (!ended.is_empty()).then_some(())
        })
        .await;
    }
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = at_the_end(child).await;
    let first = Closing::of(&output);
    assert_eq!(first.succeeded, recounted(&jobs).await.succeeded);
    assert_eq!(count(&jobs, State::Processing).await, 0, "whatever ran was waited for");

    let rest = run_well(folder, &["--exit-when-idle", "--new-customers", "0", "--invite", "20"]).await;
    let together = Closing {
        succeeded: first.succeeded + rest.succeeded,
        retried: first.retried + rest.retried,
        failed: first.failed + rest.failed,
    };
    let succeeded = 20 * NEWCOMER + 2 * (20 + ANY_DAY);
    assert_eq!(together, Closing { succeeded, retried: 2 * RETRIED, failed: 0 });
    assert_eq!(together, recounted(&jobs).await);
    assert_sound(&jobs).await;
}
