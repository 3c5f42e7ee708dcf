//! From a URL to the options of a connection.

use std::str::FromStr;

use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use crate::error::{Error, Result};

/// The schema where the URL names none.
const SCHEMA: &str = "jobs";
/// As long as a schema's name may be, so that the channel's, which is longer, is not cut.
const NAME_BYTES: usize = 48;
/// How many prepared statements a connection keeps: all of the engine's.
const STATEMENTS: usize = 300;

/// What every connection is opened with. A limit that the server keeps holds also where this process does not get to it.
const LIMITS: [(&str, &str); 5] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("default_transaction_isolation", "read committed"),
    ("client_min_messages", "error"),
];

/// The same for a statement of those who look on: [`VIEW`](crate::storage::sql::engine::VIEW), as in `sql/begin_view_pooled.sql`.
const VIEW_LIMIT: &str = "2s";

/// How the writers' statements are planned: by the indexes that they were written for. A plan that was made for an empty table
/// must not outlive its filling.
const PLANS: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// Where the database is and how to work with it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    options: PgConnectOptions,
    schema: String,
    /// Whether a pooler may stand between, which gives each transaction another connection: no notifications then, nothing
    /// prepared, and no settings but a transaction's own.
    pub(super) pooled: bool,
}

/// Reads `postgres://…` with `schema=name` and `notify=on` (the default) or `off` among what the driver knows.
pub(super) fn parse(url: &str) -> Result<Address> {
    let (base, query) = url.split_once('?').map_or((url, ""), |(base, query)| (base, query));
    let (mut schema, mut pooled, mut rest) = (SCHEMA.to_owned(), false, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("schema", name)) => schema = checked(name)?,
            Some(("notify", "on")) => pooled = false,
            Some(("notify", "off")) => pooled = true,
            Some(("notify", other)) => {
                return Err(Error::config(format!(
                    "`notify={other}` in the database URL: write `on`, or `off` where a pooler gives each transaction another \
                     connection; servers then look for work once a second"
                )));
            }
            _ => rest.push(pair),
        }
    }
    let rebuilt = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let options = PgConnectOptions::from_str(&rebuilt)
        .map_err(|error| Error::config(format!("the URL of the PostgreSQL database cannot be read: {error}")))?;
    // Poolers refuse settings that they do not know.
    let mut options = options.extra_float_digits(None).disable_statement_logging();
    if options.get_application_name().is_none() {
        options = options.application_name("jobs");
    }
    let options = options.statement_cache_capacity(if pooled { 0 } else { STATEMENTS });
    Ok(Address { options, schema, pooled })
}

/// A name that needs no escaping anywhere.
fn checked(name: &str) -> Result<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if plain && begins && name.len() <= NAME_BYTES && !name.starts_with("pg_") {
        return Ok(name.to_owned());
    }
    Err(Error::config(format!(
        "`schema={name}` in the database URL: a schema's name has at most {NAME_BYTES} letters (a to z), digits and underscores, \
         and begins neither with a digit nor with `pg_`"
    )))
}

impl Address {
    /// The schema's name.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// The channel of notifications.
    pub(super) fn channel(&self) -> String {
        format!("jobs:{}", self.schema)
    }

    /// A statement of the engine's files, for this schema.
    pub(super) fn statement(&self, text: &str) -> String {
        text.replace("{schema}", &format!("\"{}\"", self.schema))
    }

    /// For people: without the password.
    pub(super) fn place(&self) -> String {
        let host = match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", self.options.get_host(), self.options.get_port()),
        };
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        format!("the database `{database}` at {host}")
    }

    /// For writing.
    pub(super) fn to_write(&self) -> PgConnectOptions {
        self.with(LIMITS.into_iter().chain(PLANS))
    }

    /// For reading.
    pub(super) fn to_read(&self) -> PgConnectOptions {
        self.with(LIMITS.into_iter().chain([("default_transaction_read_only", "on"), ("jit", "off")]))
    }

    /// For those who look on.
    pub(super) fn to_view(&self) -> PgConnectOptions {
        let limits = LIMITS.into_iter().filter(|(name, _)| *name != "statement_timeout");
        let limit = ("statement_timeout", VIEW_LIMIT);
        self.with(limits.chain([limit, ("default_transaction_read_only", "on"), ("jit", "off")]))
    }

    /// For telling others, which may be lost in a crash of the server.
    pub(super) fn to_tell(&self) -> PgConnectOptions {
        self.with(LIMITS.into_iter().chain([("synchronous_commit", "off")]))
    }

    fn with<'a>(&self, settings: impl Iterator<Item = (&'a str, &'a str)>) -> PgConnectOptions {
        if self.pooled { self.options.clone() } else { self.options.clone().options(settings) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        let address = parse("postgres://shop@db.example:5433/shop?sslmode=disable").expect("a plain URL is read");
        assert_eq!((address.schema(), address.pooled), ("jobs", false));
        assert_eq!(address.place(), "the database `shop` at db.example:5433");
        let address = parse("postgresql:///shop?user=shop&schema=Mine_2&host=/run/pg&notify=off").expect("it is read");
        assert_eq!((address.schema(), address.pooled), ("Mine_2", true));
        assert_eq!(address.statement("SELECT 1 FROM {schema}.job"), "SELECT 1 FROM \"Mine_2\".job");
    }

    #[test]
    fn refuses_names_that_are_no_identifiers() {
        let long = "a".repeat(NAME_BYTES + 1);
        for name in ["", "a b", "a\"b", "a'b", "a;b", "a.b", "1a", "pg_jobs", "é", "a%20b", &long] {
            let refused = parse(&format!("postgres://shop@db/shop?schema={name}"));
            assert!(matches!(refused, Err(Error::Config(_))), "{name}: {refused:?}");
        }
    }

    #[test]
    fn never_shows_the_password() {
        for url in ["postgres://shop:secret@db/shop?notify=maybe", "postgres://shop:secret@db:port/shop"] {
            let error = parse(url).expect_err("the URL is wrong").to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
