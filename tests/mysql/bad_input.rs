//! What can be wrong with a URL, a user and the tables, and what is said of it.

use jobs::Error;
use jobs_runtime::storage::{self, Settings};
use sqlx::{ConnectOptions, Connection, mysql::MySqlConnectOptions};

use super::{Database, job, open};

const PASSWORD: &str = "Quite-Secret-1";

async fn refusal(options: MySqlConnectOptions) -> Error {
    storage::open(options.to_url_lossy().as_str(), Settings::default()).await.err().expect("it cannot be opened")
}

fn assert_config(error: &Error, words: &[&str]) {
    let text = error.to_string();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
    assert!(!text.contains(PASSWORD), "{text}");
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_missing_database() {
    let Some(database) = Database::new() else { return };
    let wrong = database.options().password(PASSWORD);
    assert_config(&refusal(wrong).await, &["Access denied", "check the user and the password"]);
    let missing = database.options().database("no_such_database");
    assert_config(&refusal(missing).await, &["no_such_database", "create the database"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let Some(database) = Database::new() else { return };
    let error = refusal(database.options().port(1)).await;
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_missing_right_is_named_with_its_remedy() {
    let Some(database) = Database::new() else { return };
    let user = format!("u{}", &database.name["test_".len()..]);
    database
        .administer(&format!(
            "CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}'; GRANT SELECT, INSERT ON {{name}}.* TO '{user}'@'%'"
        ))
        .unwrap();
    let poor = database.options().username(&user).password(PASSWORD);
    assert_config(&refusal(poor.clone()).await, &["CREATE command denied", "GRANT ALL ON"]);

    // With tables, but without the right to delete.
    open(&database).await;
    let storage = storage::open(poor.to_url_lossy().as_str(), Settings::default()).await;
    let error = match storage {
        Ok(storage) => storage.server_sweep().await.expect_err("it may not delete"),
        Err(error) => error,
    };
    assert_config(&error, &["denied", "GRANT ALL ON"]);
    database.administer(&format!("DROP USER '{user}'@'%'")).unwrap();
}

#[tokio::test]
async fn no_more_than_the_common_rights_are_needed() {
    let Some(database) = Database::new() else { return };
    let user = format!("v{}", &database.name["test_".len()..]);
    database
        .administer(&format!(
            "CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}'; \
             GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, CREATE VIEW ON {{name}}.* TO '{user}'@'%'"
        ))
        .unwrap();
    let options = database.options().username(&user).password(PASSWORD);
    let storage = storage::open(options.to_url_lossy().as_str(), Settings::default()).await.unwrap();
    storage.job_insert([job()].into()).await.unwrap();
    super::assert_sound(&storage).await;
    drop(storage);
    database.administer(&format!("DROP USER '{user}'@'%'")).unwrap();
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let Some(database) = Database::new() else { return };
    drop(open(&database).await);
    let mut connection = database.connect().await.unwrap();
    let newer = "INSERT INTO jobs_migration (version, name, applied_at) VALUES (9999, 'later', 0)";
    sqlx::raw_sql(newer).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let error = refusal(database.options()).await;
    assert!(matches!(error, Error::Schema(_)), "{error:?}");
    assert!(error.to_string().contains("9999") && error.to_string().contains("update the program"), "{error}");
}

#[tokio::test]
async fn tables_are_made_only_where_that_is_allowed() {
    let Some(database) = Database::new() else { return };
    let mut settings = Settings::default();
    settings.migrate = false;
    let error = storage::open(&database.url(), settings.clone()).await.err().expect("there are no tables");
    assert!(matches!(error, Error::Schema(_)) && error.to_string().contains("migrations allowed"), "{error:?}");
    drop(open(&database).await);
    storage::open(&database.url(), settings).await.unwrap();
}

#[tokio::test]
async fn a_payload_must_fit_into_a_packet() {
    let Some(database) = Database::new() else { return };
    let mut settings = Settings::default();
    settings.payload_limit = 1 << 30;
    let error = storage::open(&database.url(), settings).await.err().expect("no server takes so much");
    assert_config(&error, &["max_allowed_packet"]);
}
