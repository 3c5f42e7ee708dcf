//! Rules about which layer of the runtime may know what.

use super::Finding;
use super::source::{Kind, Source, Token};

const RUNTIME: &str = "jobs-runtime/src/";
const DASHBOARD: &str = "jobs-dashboard/src/";

/// The files outside `storage/` that may name an engine, each with the reason.
const MAY_NAME_ENGINES: &[(&str, &str)] = &[
    ("config.rs", "tells the engine from the scheme of a database's URL"),
    ("lib.rs", "its features are named after the engines"),
];

const ENGINES: &[&str] = &["sqlite", "postgres", "mysql", "mariadb"];

const TIMERS: &[&str] = &["sleep", "sleep_until", "interval", "interval_at", "timeout", "timeout_at"];

/// SQL is in `.sql` files beside its engine, one statement each, where a test can prepare every one of them and a
/// reader can find them. A test may ask its own database in place.
pub(super) fn sql_is_in_sql_files(source: &Source) -> Vec<Finding> {
    if !source.path.starts_with(RUNTIME) {
        return Vec::new();
    }
    source
        .product_tokens()
        .filter(|token| token.kind == Kind::Text && is_sql(&token.text))
        .map(|token| Finding {
            path: source.path.clone(),
            line: token.line,
            what: format!("SQL in Rust: `{}`", beginning(&token.text)),
            remedy: "move it into a .sql file in the engine's folder and take it in with `include_str!`",
            is_warning: false,
        })
        .collect()
}

/// What lies above storage knows the trait and no engine, so that an engine is added in one folder.
pub(super) fn engines_are_named_in_storage(source: &Source) -> Vec<Finding> {
    let Some(inner) = source.path.strip_prefix(RUNTIME) else {
        return Vec::new();
    };
    if inner.starts_with("storage/") || MAY_NAME_ENGINES.iter().any(|(path, _)| *path == inner) {
        return Vec::new();
    }
    let names_engine = |token: &&Token| {
        let text = token.text.to_lowercase();
        matches!(token.kind, Kind::Word | Kind::Text) && ENGINES.iter().any(|engine| text.contains(engine))
    };
    source
        .product_tokens()
        .filter(names_engine)
        .map(|token| Finding {
            path: source.path.clone(),
            line: token.line,
            what: format!("an engine is named outside storage: `{}`", beginning(&token.text)),
            remedy: "ask the storage trait a question instead (allowed places: xtask/src/tidy/layers.rs)",
            is_warning: false,
        })
        .collect()
}

/// Where the dashboard waits.
const DASHBOARD_LOOPS: [&str; 2] = ["live/ticker.rs", "budget.rs"];

/// Only a loop waits: a sleep, a tick or a time limit is in `server/`, `maintenance/` or `wake.rs`, and in the ticker and the
/// budget of the dashboard. Anything else that waits cannot be tested on a paused clock, and delays a shutdown that nobody told it about.
pub(super) fn timers_are_in_loops(source: &Source) -> Vec<Finding> {
    let (is_loop, remedy) = match (source.path.strip_prefix(RUNTIME), source.path.strip_prefix(DASHBOARD)) {
        (Some(inner), _) => {
            let is_loop =
                inner.starts_with("server/") || inner.starts_with("maintenance/") || inner.ends_with("wake.rs");
            (is_loop, "let server/, maintenance/ or wake.rs do the waiting")
        }
        (_, Some(inner)) => (DASHBOARD_LOOPS.contains(&inner), "let live/ticker.rs or budget.rs do the waiting"),
        _ => return Vec::new(),
    };
    if is_loop || !source.is_product() {
        return Vec::new();
    }
    source
        .find(&["time", ":", ":"])
        .flat_map(|start| named(&source.tokens[start + 3..]))
        .filter(|token| !token.in_test && TIMERS.contains(&token.text.as_str()))
        .map(|token| Finding {
            path: source.path.clone(),
            line: token.line,
            what: format!("`time::{}` outside of a loop's module", token.text),
            remedy,
            is_warning: false,
        })
        .collect()
}

/// What a path leads to: the next word, or all words of the braces.
fn named(tokens: &[Token]) -> &[Token] {
    let is_group = tokens.first().is_some_and(|token| token.text == "{");
    let end = match is_group {
        true => tokens.iter().position(|token| token.text == "}").unwrap_or(tokens.len()),
        false => tokens.len().min(1),
    };
    &tokens[..end]
}

/// Whether a string begins as a statement does. In small letters the first two words must fit, because a message may
/// well begin with `update` or `with`.
fn is_sql(text: &str) -> bool {
    let text = text.replace("\\n", " ").replace('\\', " ");
    let mut words = text.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else {
        return false;
    };
    let is_upper = !first.chars().any(|letter| letter.is_lowercase());
    let has_word = |word: &str| text.split_whitespace().any(|other| other.eq_ignore_ascii_case(word));
    let second = second.to_uppercase();
    match first.to_uppercase().as_str() {
        "SELECT" => is_upper || has_word("from"),
        "INSERT" | "REPLACE" => is_upper || second == "INTO",
        "UPDATE" => is_upper || has_word("set"),
        "DELETE" => is_upper || second == "FROM",
        "CREATE" | "ALTER" | "DROP" => {
            is_upper || ["TABLE", "INDEX", "UNIQUE", "VIEW", "TRIGGER", "SCHEMA", "SEQUENCE"].contains(&second.as_str())
        }
        "WITH" => is_upper || second == "RECURSIVE" || has_word("select"),
        "TRUNCATE" | "MERGE" => is_upper,
        _ => false,
    }
}

fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}..", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOTHING, lines};
    use super::*;

    const CLIENT: &str = "jobs-runtime/src/client.rs";

    #[test]
    fn sql_in_rust_is_found() {
        for text in [
            "fn f() {\n    query(\"SELECT 1\")\n}",
            "fn f() {\n    query(\"insert into job values (1)\")\n}",
            "fn f() {\n    query(\"\\n    UPDATE job\")\n}",
            "fn f() {\n    query(r#\"delete from job\"#)\n}",
            "fn f() {\n    format!(\"CREATE {kind}\")\n}",
            "fn f() {\n    concat!(\"WITH a AS (\", \"b)\")\n}",
            "fn f() {\n    query(\"select a from job\")\n}",
        ] {
            assert_eq!(lines(sql_is_in_sql_files, CLIENT, text), [2], "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_sql_is_not() {
        for text in [
            "fn f() { bail(\"update the job's queue\") }",
            "fn f() { bail(\"with {n} jobs\") }",
            "fn f() { bail(\"select\") }",
            "fn f() { bail(\"create a client first\") }",
            "/// SELECT 1\nfn f() { include_str!(\"sql/job_insert.sql\") } // SELECT 1",
            "#[cfg(test)]\nmod tests { const COUNT: &str = \"SELECT 1\"; }",
        ] {
            assert_eq!(lines(sql_is_in_sql_files, CLIENT, text), NOTHING, "{text}");
        }
        assert_eq!(lines(sql_is_in_sql_files, "tests/retry.rs", "f(\"SELECT 1\")"), NOTHING);
    }

    #[test]
    fn an_engine_above_storage_is_found() {
        for text in ["\nuse sqlx::SqliteConnection;", "\n#[cfg(feature = \"postgres\")]", "\nfn is_mysql() {}"] {
            assert_eq!(lines(engines_are_named_in_storage, CLIENT, text), [2], "{text}");
            for allowed in ["jobs-runtime/src/storage/mod.rs", "jobs-runtime/src/config.rs", "src/lib.rs"] {
                assert_eq!(lines(engines_are_named_in_storage, allowed, text), NOTHING, "{allowed}");
            }
        }
        for elsewhere in [
            "test-servers/src/postgres.rs",
            "xtask/src/suite/servers.rs",
            "tests/common/mod.rs",
            "examples/shop/main.rs",
        ] {
            let text = "fn f() { connect(\"postgres://localhost/shop\") }";
            assert_eq!(lines(engines_are_named_in_storage, elsewhere, text), NOTHING, "{elsewhere}");
        }
        let documented = "/// Such as `sqlite://shop.db`.\nfn connect() {} // SQLite";
        assert_eq!(lines(engines_are_named_in_storage, CLIENT, documented), NOTHING);
    }

    #[test]
    fn every_exception_has_a_reason() {
        assert!(MAY_NAME_ENGINES.iter().all(|(_, reason)| reason.len() > 10));
    }

    #[test]
    fn a_timer_outside_of_a_loop_is_found() {
        for text in [
            "\nasync fn f() { tokio::time::sleep(a).await }",
            "\nuse tokio::time::{Duration, timeout};",
            "\nuse tokio::{sync::Notify, time::interval};",
            "\nasync fn f() { time::timeout_at(a, b).await }",
        ] {
            assert_eq!(lines(timers_are_in_loops, CLIENT, text), [2], "{text}");
            for allowed in ["server/lease.rs", "maintenance/mod.rs", "wake.rs", "storage/sqlite/wake.rs"] {
                let allowed = format!("jobs-runtime/src/{allowed}");
                assert_eq!(lines(timers_are_in_loops, &allowed, text), NOTHING, "{allowed}");
            }
            assert_eq!(lines(timers_are_in_loops, "jobs-dashboard/src/live/mod.rs", text), [2], "{text}");
            for allowed in DASHBOARD_LOOPS {
                let allowed = format!("jobs-dashboard/src/{allowed}");
                assert_eq!(lines(timers_are_in_loops, &allowed, text), NOTHING, "{allowed}");
            }
            assert_eq!(lines(timers_are_in_loops, "jobs-schedule/src/cron.rs", text), NOTHING, "{text}");
        }
        for text in [
            "use tokio::time::Instant;",
            "use std::time::{Duration, Instant}; fn sleep() {}",
            "#[cfg(test)] mod tests { use tokio::time::sleep; }",
        ] {
            assert_eq!(lines(timers_are_in_loops, CLIENT, text), NOTHING, "{text}");
        }
    }
}
