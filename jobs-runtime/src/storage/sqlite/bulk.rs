//! One statement for many rows: templates whose `{rows}` is written out for a few fixed numbers of rows, so that the
//! connection's cache of prepared statements is hit whatever the number.

use std::sync::OnceLock;

use sqlx::{
    Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteQueryResult},
};

/// The numbers of rows that statements are written out for; any number is a sum of few of them.
const SIZES: [usize; 6] = [512, 128, 32, 8, 2, 1];

/// A query being given its values.
pub(super) type Binder<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A statement whose template has `{rows}` where the rows go.
pub(super) struct Bulk {
    template: &'static str,
    columns: usize,
    texts: OnceLock<[&'static str; SIZES.len()]>,
}

impl Bulk {
    pub(super) const fn new(template: &'static str, columns: usize) -> Self {
        Self { template, columns, texts: OnceLock::new() }
    }

    /// Executes the statement for all `rows`; returns how many it affected.
    pub(super) async fn execute<R>(
        &self,
        connection: &mut SqliteConnection,
        rows: &[R],
        bind: impl for<'q> Fn(Binder<'q>, &R) -> Binder<'q> + Send,
    ) -> sqlx::Result<u64>
    where
        R: Sync,
    {
        let texts = self.texts.get_or_init(|| SIZES.map(|size| self.written_out(size)));
        let mut affected = 0;
        let mut rest = rows;
        for (size, text) in SIZES.into_iter().zip(texts) {
            while rest.len() >= size {
                let (part, later) = rest.split_at(size);
                rest = later;
                let mut query = sqlx::query(*text);
                for row in part {
                    query = bind(query, row);
                }
                let result: SqliteQueryResult = query.execute(&mut *connection).await?;
                affected += result.rows_affected();
            }
        }
        Ok(affected)
    }

    /// Leaks one text for each size of each of the engine's few templates, once a process: the driver wants `'static`.
    fn written_out(&self, size: usize) -> &'static str {
        let row = format!("({})", vec!["?"; self.columns].join(", "));
        let rows = vec![row; size].join(", ");
        Box::leak(self.template.replace("{rows}", &rows).into_boxed_str())
    }
}
