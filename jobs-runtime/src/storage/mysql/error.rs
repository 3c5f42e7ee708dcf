//! From the driver's errors to the crate's, by what the caller can do.

use sqlx::mysql::MySqlDatabaseError;

use crate::{error::Error, storage::sql::fail::Fail};

/// The number of an error that the server itself gave.
fn number(error: &sqlx::Error) -> Option<u16> {
    Some(error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?.number())
}

/// What an error of the server's means. The numbers are those of MySQL's and MariaDB's references, which agree where both have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The transaction was ended in favour of another; run again, it may succeed.
    Conflict,
    /// Another transaction kept a row for too long.
    Locked,
    /// The connection is lost or will be.
    Lost,
    /// The server cannot do it now.
    Unavailable,
    Full,
    ReadOnly,
    /// There is no such table, or no such column in it.
    Tables,
    /// The server must be set up otherwise.
    Config(&'static str),
    Other,
}

fn meaning(number: u16) -> Meaning {
    match number {
        // Deadlock; record changed since last read; deadlock of a distributed transaction; tables were changed, twice.
        1213 | 1020 | 1614 | 1412 | 1615 => Meaning::Conflict,
        1205 | 3572 => Meaning::Locked,
        // Shut down; network; killed; idle for too long.
        1053 | 1077..=1080 | 1158..=1161 | 1184 | 1927 | 2006 | 2013 | 4031 => Meaning::Lost,
        // Too many connections, of all, of this host, of this user; not ready; interrupted; took too long; short of memory.
        1040 | 1129 | 1203 | 1226 | 1047 | 1317 | 1969 | 3024 | 1037 | 1038 | 1041 | 1135 => Meaning::Unavailable,
        1021 | 1114 => Meaning::Full,
        1290 | 1792 | 1836 => Meaning::ReadOnly,
        1146 | 1054 => Meaning::Tables,
        1045 | 1698 => Meaning::Config("check the user and the password in the database URL"),
        1049 => Meaning::Config("create the database, or mend its name in the database URL"),
        1044 => Meaning::Config("the user needs the rights to this database: `GRANT ALL ON database.* TO user`"),
        1142 | 1143 | 1227 | 1370 => Meaning::Config(
            "the user needs the rights to select, insert, update and delete, and when the tables are made or updated also to create, \
             alter, drop, index and create views: `GRANT ALL ON database.* TO user`",
        ),
        1130 => Meaning::Config("the server accepts nobody from this host; add the host to the user's account"),
        1251 | 3118 | 3159 | 1862 | 4151 => {
            Meaning::Config("the server does not accept this user as it is; see its account")
        }
        1461 => Meaning::Config("raise `max_prepared_stmt_count` on the server: 100 for each connection are enough"),
        1153 => Meaning::Config("raise `max_allowed_packet` on the server"),
        1665 => Meaning::Config("set `binlog_format` to MIXED or ROW on the server"),
        _ => Meaning::Other,
    }
}

fn meaning_of(error: &sqlx::Error) -> Meaning {
    match (number(error), error) {
        (Some(number), _) => meaning(number),
        (None, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => Meaning::Lost,
        (None, sqlx::Error::Configuration(_)) => Meaning::Config("see the database URL"),
        (None, sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) => Meaning::Unavailable,
        (None, _) => Meaning::Other,
    }
}

/// Whether the database took another transaction's side.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    meaning_of(error) == Meaning::Conflict
}

/// Whether another transaction kept a row for too long.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    meaning_of(error) == Meaning::Locked
}

/// Whether the connection can be used no more.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    meaning_of(error) == Meaning::Lost
}

/// Whether the statement was given up because it took too long: what MySQL says, and MariaDB.
pub(super) fn is_too_slow(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(3024 | 1969))
}

/// Whether there is no such table, rather than anything else.
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    number(error) == Some(1146)
}

/// Whether the same connection would give the same answer, where another may lead to a server that accepts writes.
pub(super) fn is_of_server(error: &sqlx::Error) -> bool {
    meaning_of(error) == Meaning::ReadOnly
}

pub(super) fn own(error: sqlx::Error, what: &str) -> Error {
    let text = match &error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    };
    match meaning_of(&error) {
        Meaning::Conflict => Error::Locked(format!("{what}: other transactions were first, again and again; {text}")),
        Meaning::Locked => {
            Error::Locked(format!("{what}: another transaction has kept rows locked for too long; {text}"))
        }
        Meaning::Lost | Meaning::Unavailable => Error::Unavailable { what: what.to_owned(), source: Box::new(error) },
        Meaning::Full => Error::Full(format!("{what}: {text}")),
        Meaning::ReadOnly => Error::ReadOnly(format!("{what}: {text}")),
        Meaning::Tables => Error::Schema(format!(
            "{what}: {text}; the database has no tables of `jobs`, or not those of this program: connect once with migrations allowed"
        )),
        Meaning::Config(remedy) => Error::Config(format!("{what}: {text}; {remedy}")),
        Meaning::Other => Error::Storage { what: what.to_owned(), source: Box::new(error) },
    }
}

/// The crate's error of a write of the engine's own.
pub(super) fn into_error(fail: Fail, what: &str) -> Error {
    match fail {
        Fail::Sql(error) => own(error, what),
        Fail::Known => Error::Storage { what: what.to_owned(), source: "a job was stored twice at once".into() },
        Fail::Raced => Error::Locked(format!("{what}: other transactions were first again and again")),
        Fail::Own(error) => error,
    }
}

/// The crate's error of a call in the application's transaction.
pub(super) fn within(fail: Fail, what: &str) -> Error {
    match fail {
        Fail::Sql(error) if is_conflict(&error) => Error::Locked(format!(
            "{what}: another transaction was in the way, and the database has rolled the whole transaction back; begin it anew \
             ({error})"
        )),
        Fail::Sql(error) if is_missing_table(&error) => foreign(),
        Fail::Known | Fail::Raced => Error::Locked(format!(
            "{what}: others have changed the job since the transaction first looked at the database; begin the transaction anew, or \
             let it be READ COMMITTED"
        )),
        fail => into_error(fail, what),
    }
}

/// The application's transaction belongs to another database.
pub(super) fn foreign() -> Error {
    Error::Schema(
        "the transaction's database has not the tables of `jobs` that the client is connected to; `.within` needs the client to be \
         connected to the database that the transaction belongs to"
            .to_owned(),
    )
}

/// Whether what was sent may have been carried out, which nobody can know.
pub(super) fn unknown(error: sqlx::Error, what: &str) -> Error {
    Error::Unavailable {
        what: format!("{what}: the connection was lost at the commit; it may have been stored or not"),
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_told_from_a_bad_answer() {
        let io = |kind: std::io::ErrorKind| sqlx::Error::Io(kind.into());
        assert!(is_lost(&io(std::io::ErrorKind::BrokenPipe)));
        assert!(matches!(own(io(std::io::ErrorKind::ConnectionRefused), "x"), Error::Unavailable { .. }));
        let decode = sqlx::Error::Decode("a stored text".into());
        assert!(!is_lost(&decode));
        assert!(matches!(own(decode, "x"), Error::Storage { .. }));
    }

    #[test]
    fn numbers_mean_what_can_be_done() {
        for (number, expected) in [
            (1213, Meaning::Conflict),
            (1020, Meaning::Conflict),
            (1205, Meaning::Locked),
            (1927, Meaning::Lost),
            (1040, Meaning::Unavailable),
            (1114, Meaning::Full),
            (1836, Meaning::ReadOnly),
            (1146, Meaning::Tables),
            (1062, Meaning::Other),
        ] {
            assert_eq!(meaning(number), expected, "{number}");
        }
        assert!(matches!(meaning(1049), Meaning::Config(remedy) if remedy.contains("database URL")));
    }
}
