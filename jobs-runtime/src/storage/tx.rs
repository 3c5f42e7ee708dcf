//! The caller's own transaction, whichever database it belongs to.

/// A transaction of the application's that a job can be stored in: `sqlx::Transaction` of an engine that is compiled in.
///
/// The tables of `jobs` must be in the database that the transaction belongs to.
pub trait Tx: sealed::Sealed + Send {
    /// The connection that the transaction holds.
    fn connection(&mut self) -> TxConnection<'_>;
}

/// The connection that a transaction holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum TxConnection<'c> {
    /// Of SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(&'c mut sqlx::SqliteConnection),
    /// Of PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(&'c mut sqlx::PgConnection),
    /// Of MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    MySql(&'c mut sqlx::MySqlConnection),
}

mod sealed {
    pub trait Sealed {}
    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Transaction<'_, sqlx::Sqlite> {}
    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Transaction<'_, sqlx::Postgres> {}
    #[cfg(feature = "mysql")]
    impl Sealed for sqlx::Transaction<'_, sqlx::MySql> {}
}

#[cfg(feature = "sqlite")]
impl Tx for sqlx::Transaction<'_, sqlx::Sqlite> {
    fn connection(&mut self) -> TxConnection<'_> {
        TxConnection::Sqlite(self)
    }
}

#[cfg(feature = "postgres")]
impl Tx for sqlx::Transaction<'_, sqlx::Postgres> {
    fn connection(&mut self) -> TxConnection<'_> {
        TxConnection::Postgres(self)
    }
}

#[cfg(feature = "mysql")]
impl Tx for sqlx::Transaction<'_, sqlx::MySql> {
    fn connection(&mut self) -> TxConnection<'_> {
        TxConnection::MySql(self)
    }
}
