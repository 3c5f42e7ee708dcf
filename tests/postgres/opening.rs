//! Databases that cannot be opened, and many that open one at once.

use jobs::{Client, Error};

use crate::{Schema, common::assert_sound, left_out, told};

async fn refused(url: &str) -> Error {
    Client::connect(url).await.expect_err("it cannot be opened")
}

/// The error is one of configuration and says these things.
fn assert_config(error: &Error, words: &[&str]) {
    let text = told(error);
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    for word in words {
        assert!(text.contains(word), "{word} is missing in: {text}");
    }
}

#[tokio::test]
async fn a_schema_s_name_that_is_no_identifier_is_refused() {
    let Some(schema) = Schema::new() else { return };
    for name in ["a\"b", "a'b", "a;b", "", "pg_x", "1a", "a%22b"] {
        let url = schema.elsewhere(None, None);
        let with = if url.contains('?') { '&' } else { '?' };
        assert_config(&refused(&format!("{url}{with}schema={name}")).await, &["schema=", "letters"]);
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_without_showing_it() {
    let Some(schema) = Schema::new() else { return };
    let url = schema.elsewhere(Some("jobs_nobody:s3cret"), None);
    let error = Client::connect(&url).await;
    let Err(error) = error else { return left_out("the server lets in anyone") };
    if told(&error).contains("does not exist") {
        return left_out("the server trusts whoever has a role, whatever the password");
    }
    assert_config(&error, &["jobs_nobody", "check user and password"]);
    assert!(!told(&error).contains("s3cret"), "{error:?}");
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let Some(schema) = Schema::new() else { return };
    let error = refused(&schema.elsewhere(None, Some("jobs_is_not_here"))).await;
    assert_config(&error, &["jobs_is_not_here", "create it, or check the name"]);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    let error = refused("postgres://shop:s3cret@127.0.0.1:1/shop").await;
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(!told(&error).contains("s3cret"), "{error:?}");
}

#[tokio::test]
async fn a_role_without_rights_is_told_what_it_needs_and_a_schema_of_its_own_suffices() {
    let Some(schema) = Schema::new() else { return };
    let role = format!("role_{}", schema.name);
    schema.execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'plain'")).await;
    let url = schema.elsewhere(Some(&format!("{role}:plain")), None);
    let with = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{with}schema={}", schema.name);
    assert_config(&refused(&url).await, &["permission denied", "CREATE on the database"]);

    schema.execute(&format!("CREATE SCHEMA {{schema}} AUTHORIZATION {role}")).await;
    let client = Client::connect(&url).await.unwrap();
    assert_sound(&client).await;
    drop(client);
    schema.execute(&format!("DROP SCHEMA {{schema}} CASCADE; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn tables_are_made_only_where_that_is_allowed() {
    let Some(schema) = Schema::new() else { return };
    let error = Client::options().migrate(false).connect(&schema.url()).await.expect_err("there are no tables");
    assert!(matches!(error, Error::Schema(_)), "{error:?}");
    assert!(told(&error).contains("connect once with migrations allowed"), "{error:?}");
    schema.client().await;
    Client::options().migrate(false).connect(&schema.url()).await.unwrap();
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let Some(schema) = Schema::new() else { return };
    drop(schema.client().await);
    schema.execute("INSERT INTO {schema}.migration (version, name, applied_at) VALUES (99, 'later', now())").await;
    for migrate in [true, false] {
        let error = Client::options().migrate(migrate).connect(&schema.url()).await.expect_err("they are newer");
        assert!(matches!(error, Error::Schema(_)), "{error:?}");
        assert!(told(&error).contains("update the program"), "{error:?}");
    }
}

#[tokio::test]
async fn ten_programs_that_start_at_once_make_the_tables_once() {
    let Some(schema) = Schema::new() else { return };
    let url = schema.url();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let url = url.clone();
        clients.spawn(async move { Client::connect(&url).await });
    }
    for client in clients.join_all().await {
        assert_sound(&client.unwrap()).await;
    }
    assert_eq!(schema.ask("SELECT count(*) FROM {schema}.instance").await, 1);
    assert_eq!(
        schema.ask("SELECT count(*) FROM {schema}.migration").await,
        schema.ask("SELECT max(version)::bigint FROM {schema}.migration").await,
    );
}

#[tokio::test]
async fn tables_that_change_behind_a_client_are_told_of() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    let needed = client.schema().await.expect("a version").needed;
    assert!(client.schema().await.expect("a version").fits());
    schema
        .execute("DELETE FROM {schema}.migration WHERE version = (SELECT max(version) FROM {schema}.migration)")
        .await;
    let older = client.schema().await.expect("a version");
    assert_eq!((older.found, older.needed, older.is_older()), (Some(needed - 1), needed, true));
    schema.execute("DROP TABLE {schema}.total CASCADE").await;
    assert!(matches!(client.totals().await, Err(Error::Schema(_))));
    schema.execute("DROP TABLE {schema}.migration").await;
    assert_eq!(client.schema().await.expect("it looks").found, None);
}
