//! Measures four physical layouts of jobs in SQLite through the real driver: `cargo run --release --bin layouts -- [FILE [JOBS]]`.
//!
//! Each round stores JOBS jobs (100,000 by default), then claims and finishes all of them, on a new file; the history stays.
//! One held connection, WAL, 108 bytes of args. Rounds of all settings are interleaved; a cell is the median and, in
//! brackets, the least and the greatest of the rounds.

use std::{collections::BTreeMap, path::Path, time::Instant};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};

type Result<T> = std::result::Result<T, sqlx::Error>;

const ROUNDS: usize = 3;
/// Jobs in one enqueue transaction.
const CHUNK_IN: usize = 1_000;
/// Rows in one `VALUES` list.
const ROWS: usize = 500;
const KINDS: usize = 8;

macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!("../../sql/layouts_", $name, ".sql"))
    };
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Layout {
    /// Whether `ready` and `claim` stand beside `job`.
    split: bool,
    /// Whether an integer is the key and the UUID is unique beside it.
    by_rowid: bool,
}

impl Layout {
    const ALL: [Self; 4] = [
        Self { split: false, by_rowid: false },
        Self { split: false, by_rowid: true },
        Self { split: true, by_rowid: false },
        Self { split: true, by_rowid: true },
    ];

    fn name(self) -> String {
        let tables = if self.split { "job + ready + chunk" } else { "one table" };
        let key = if self.by_rowid { "integer, UUID unique" } else { "UUID" };
        format!("{tables}; key = {key}")
    }

    /// How an id of a JSON list is written in SQL.
    fn listed(self) -> &'static str {
        if self.by_rowid { "value" } else { "unhex(value)" }
    }

    /// The column that the other tables and lists name a job by.
    fn key(self) -> &'static str {
        if self.by_rowid { "row" } else { "id" }
    }

    fn schema(self) -> String {
        let (id, ty, end) = if self.by_rowid {
            ("row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE", "INTEGER", "STRICT")
        } else {
            ("id BLOB NOT NULL PRIMARY KEY", "BLOB", "STRICT, WITHOUT ROWID")
        };
        let text = sql!("job").to_owned() + if self.split { sql!("split") } else { sql!("one") };
        text.replace("{id}", id).replace("{type}", ty).replace("{end}", end).replace("{key}", self.key())
    }
}

/// The statements of a layout, written out once: the driver keeps them prepared by their text.
struct Sql {
    insert: &'static str,
    insert_ready: &'static str,
    claim: &'static str,
    remove: &'static str,
    fetch: &'static str,
    finish: &'static str,
}

impl Sql {
    fn new(layout: Layout) -> Self {
        let text = |template: &str| -> &'static str {
            let text = template.replace("{key}", layout.key()).replace("{listed}", layout.listed());
            Box::leak(text.into_boxed_str())
        };
        let rows = |head: &str, row: &str| text(&format!("{head} VALUES {}", vec![row; ROWS].join(", ")));
        let columns = "id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted";
        let ready = rows("INSERT INTO ready (queue, priority, job, kind)", "(?, ?, ?, ?)");
        Self {
            insert: rows(&format!("INSERT INTO job ({columns})"), "(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            insert_ready: if layout.by_rowid { sql!("split_copy") } else { ready },
            claim: text(if layout.split { sql!("split_claim") } else { sql!("one_claim") }),
            remove: text(sql!("split_remove")),
            fetch: text(sql!("split_fetch")),
            finish: text(if layout.split { sql!("split_finish") } else { sql!("one_finish") }),
        }
    }
}

/// A UUID of version 7, the `n`th of this run.
fn uuid(n: usize) -> [u8; 16] {
    let millis = 1_790_000_000_000 + n as u64 / 300;
    let counter = 0x7000 | (n % 300) as u16;
    let random = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2 | 1 << 63;
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bytes[6..8].copy_from_slice(&counter.to_be_bytes());
    bytes[8..].copy_from_slice(&random.to_be_bytes());
    bytes
}

async fn enqueue(connection: &mut SqliteConnection, layout: Layout, sql: &Sql, first: usize) -> Result<()> {
    let payload = [7_u8; 108];
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let mut before = 0_i64;
    if layout.by_rowid {
        before = sqlx::query_scalar("SELECT coalesce(max(row), 0) FROM job").fetch_one(&mut *connection).await?;
    }
    for part in (first..first + CHUNK_IN).step_by(ROWS) {
        let mut insert = sqlx::query(sql.insert);
        for n in part..part + ROWS {
            let now = n as i64;
            insert = insert.bind(uuid(n).to_vec()).bind((n % KINDS) as i64).bind(1).bind(0).bind(payload.to_vec());
            insert = insert.bind(now).bind(now).bind(10).bind(0);
        }
        insert.execute(&mut *connection).await?;
        if layout.split && !layout.by_rowid {
            let mut insert = sqlx::query(sql.insert_ready);
            for n in part..part + ROWS {
                insert = insert.bind(1).bind(0).bind(uuid(n).to_vec()).bind((n % KINDS) as i64);
            }
            insert.execute(&mut *connection).await?;
        }
    }
    if layout.split && layout.by_rowid {
        sqlx::query(sql.insert_ready).bind(before).execute(&mut *connection).await?;
    }
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(())
}

/// The ids of rows whose first column is the key, as a JSON list.
fn list(rows: &[SqliteRow], layout: Layout) -> Result<String> {
    let id = |row: &SqliteRow| {
        if layout.by_rowid {
            return row.try_get::<i64, _>(0).map(|id| id.to_string());
        }
        row.try_get::<Vec<u8>, _>(0)
            .map(|id| format!("\"{:032x}\"", u128::from_be_bytes(id.try_into().unwrap_or_default())))
    };
    let ids: Vec<String> = rows.iter().map(id).collect::<Result<_>>()?;
    Ok(format!("[{}]", ids.join(",")))
}

/// Claims a chunk and finishes it, each in a transaction; returns how many jobs it had.
async fn work(connection: &mut SqliteConnection, layout: Layout, sql: &Sql, chunk: usize, turn: i64) -> Result<usize> {
    let kinds = "[0,1,2,3,4,5,6,7]";
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let mut claim = sqlx::query(sql.claim).bind(1).bind(kinds).bind(chunk as i64);
    if !layout.split {
        claim = claim.bind(turn);
    }
    let mut rows = claim.fetch_all(&mut *connection).await?;
    let ids = list(&rows, layout)?;
    let mut fence = turn;
    if layout.split && !rows.is_empty() {
        let gone = sqlx::query(sql.remove).bind(ids.as_str()).execute(&mut *connection).await?;
        assert_eq!(gone.rows_affected(), rows.len() as u64);
        let claimed = "INSERT INTO claim (server, claimed_at, n_left, ids) VALUES (?, ?, ?, ?)";
        let claimed = sqlx::query(claimed).bind(vec![1_u8; 16]).bind(turn).bind(rows.len() as i64).bind(ids.as_str());
        fence = claimed.execute(&mut *connection).await?.last_insert_rowid();
        rows = sqlx::query(sql.fetch).bind(ids.as_str()).fetch_all(&mut *connection).await?;
    }
    sqlx::query("COMMIT").execute(&mut *connection).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    for row in &rows {
        let payload: &[u8] = row.try_get(2)?;
        assert_eq!(payload.len(), 108);
    }
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    if layout.split {
        let gone = sqlx::query("DELETE FROM claim WHERE fence = ?").bind(fence).execute(&mut *connection).await?;
        assert_eq!(gone.rows_affected(), 1);
    }
    let finish = sqlx::query(sql.finish).bind(ids).bind(fence).bind(1_790_000_000_000_000 + turn);
    assert_eq!(finish.execute(&mut *connection).await?.rows_affected(), rows.len() as u64);
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(rows.len())
}

/// The processor time of this process in seconds, to 10 ms; what other programs do meanwhile does not count.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Removes the database; there may be none.
fn erase(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

/// Jobs a second in, jobs a second out, processor microseconds a job in and out, file bytes a job.
async fn round(file: &Path, jobs: usize, layout: Layout, full: bool, chunk_out: usize) -> Result<[f64; 5]> {
    let synchronous = if full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    erase(file);
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).disable_statement_logging();
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(AssertSqlSafe(layout.schema())).execute(&mut connection).await?;
    let sql = Sql::new(layout);
    let (start, cpu) = (Instant::now(), processor_seconds());
    for first in (0..jobs).step_by(CHUNK_IN) {
        enqueue(&mut connection, layout, &sql, first).await?;
    }
    let (time_in, cpu_in) = (start.elapsed().as_secs_f64(), processor_seconds() - cpu);
    let (start, cpu) = (Instant::now(), processor_seconds());
    let (mut done, mut turn) = (0, 0);
    loop {
        turn += 1;
        match work(&mut connection, layout, &sql, chunk_out, turn).await? {
            0 => break,
            finished => done += finished,
        }
    }
    let (time_out, cpu_out) = (start.elapsed().as_secs_f64(), processor_seconds() - cpu);
    assert_eq!(done, jobs, "every job is finished once");
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    connection.close().await?;
    let size = std::fs::metadata(file).map_or(0, |meta| meta.len()) as f64;
    let n = jobs as f64;
    Ok([n / time_in, n / time_out, cpu_in / n * 1e6, cpu_out / n * 1e6, size / n])
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap_or_else(|| "layouts.db".to_owned());
    let jobs = args.next().and_then(|n| n.parse().ok()).unwrap_or(100_000_usize).next_multiple_of(CHUNK_IN);
    let mut results = BTreeMap::<_, Vec<[f64; 5]>>::new();
    for _ in 0..ROUNDS {
        for full in [false, true] {
            for chunk_out in [500, 100] {
                for layout in Layout::ALL {
                    let figures = round(Path::new(&file), jobs, layout, full, chunk_out).await?;
                    results.entry((full, chunk_out, layout)).or_default().push(figures);
                }
            }
        }
    }
    erase(Path::new(&file));
    println!(
        "| synchronous, chunk out | layout | in, jobs/s | out, jobs/s | processor in, µs/job | out, µs/job | file, bytes/job |"
    );
    println!("|---|---|---|---|---|---|---|");
    for ((full, chunk_out, layout), rounds) in &results {
        let cell = |at: usize| {
            let mut values: Vec<f64> = rounds.iter().map(|figures| figures[at]).collect();
            values.sort_by(f64::total_cmp);
            let show = |value: f64| match at {
                0 | 1 => format!("{:.0}k", value / 1e3),
                4 => format!("{value:.0}"),
                _ => format!("{value:.1}"),
            };
            format!("{} ({}–{})", show(values[values.len() / 2]), show(values[0]), show(values[values.len() - 1]))
        };
        let setting = format!("{}, {chunk_out}", if *full { "FULL" } else { "NORMAL" });
        println!(
            "| {setting} | {} | {} | {} | {} | {} | {} |",
            layout.name(),
            cell(0),
            cell(1),
            cell(2),
            cell(3),
            cell(4)
        );
    }
    Ok(())
}
