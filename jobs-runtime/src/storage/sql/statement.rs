//! The statements that an engine brings: one `.sql` file each, named alike in every engine, with the same parameters and the
//! same columns.

use std::sync::Arc;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
use std::sync::{Mutex, PoisonError};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// One statement, as the engine's driver takes it.
#[derive(Debug)]
pub(crate) struct Sql {
    text: Arc<str>,
    /// For a driver whose parameters have no numbers: which value stands at each place.
    #[cfg(feature = "mysql")]
    pub(crate) order: Option<Box<[usize]>>,
    /// Whether connections keep it prepared.
    #[cfg(feature = "postgres")]
    pub(crate) kept: bool,
    /// What takes its place for very many rows.
    #[cfg(feature = "postgres")]
    pub(crate) copied: Option<Copied>,
    /// The text written out for numbers of rows.
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    for_rows: Mutex<Vec<(usize, Arc<str>)>>,
}

/// A statement to which rows are streamed.
#[cfg(feature = "postgres")]
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) text: String,
    /// How many bytes the whole numbers of each column have; 0 for other columns.
    pub(crate) widths: &'static [u8],
}

impl Sql {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            #[cfg(feature = "mysql")]
            order: None,
            #[cfg(feature = "postgres")]
            kept: true,
            #[cfg(feature = "postgres")]
            copied: None,
            #[cfg(any(feature = "sqlite", feature = "mysql"))]
            for_rows: Mutex::default(),
        }
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn ordered(text: impl Into<Arc<str>>, order: Vec<usize>) -> Self {
        Self { order: Some(order.into()), ..Self::new(text) }
    }

    /// The same statement, which connections keep prepared or not.
    #[cfg(feature = "postgres")]
    pub(crate) fn kept(self, kept: bool) -> Self {
        Self { kept, ..self }
    }

    /// Whether it is written for one row, and executed for each.
    #[cfg(feature = "sqlite")]
    pub(crate) fn is_single(&self) -> bool {
        !self.text.contains("{rows}")
    }

    /// Whether the rows that it is given are joined with a table.
    #[cfg(feature = "sqlite")]
    pub(crate) fn is_joined(&self) -> bool {
        !self.text.starts_with("INSERT")
    }

    /// The text with a number where it has `{number}`.
    #[cfg(feature = "postgres")]
    pub(crate) fn filled(&self, number: &str) -> SqlStr {
        trusted(&Arc::from(self.text.replace("{number}", number)))
    }

    /// The text.
    #[cfg(feature = "sqlite")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text for the driver.
    pub(crate) fn str(&self) -> SqlStr {
        trusted(&self.text)
    }

    /// The text for so many rows, which `write` writes out of the template the first time.
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    pub(crate) fn for_rows(&self, rows: usize, write: impl FnOnce(&str) -> String) -> SqlStr {
        let mut known = self.for_rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = known.iter().find(|(known, _)| *known == rows) {
            return trusted(text);
        }
        let text = Arc::from(write(&self.text));
        known.push((rows, Arc::clone(&text)));
        trusted(&text)
    }
}

/// The one place where a text that is not `'static` becomes a statement: it comes from the engine's `.sql` files, in which nothing
/// but the name of the schema, which was checked, and places for values were filled in.
fn trusted(text: &Arc<str>) -> SqlStr {
    AssertSqlSafe(Arc::clone(text)).into_sql_str()
}

/// A text that the engine has put together of its statements, with values as literals that it has written itself.
#[cfg(feature = "mysql")]
pub(crate) fn written(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

/// A statement that reads a list, in both directions.
#[derive(Debug)]
pub(crate) struct Ways {
    pub(crate) onward: Sql,
    pub(crate) back: Sql,
}

impl Ways {
    /// Of a file in which `{<}`, `{>}`, `{ASC}` and `{DESC}` stand for what is turned round on the way back.
    pub(crate) fn new(text: &str, prepare: impl Fn(&str) -> Sql) -> Self {
        let turned = |less: &str, greater: &str, up: &str, down: &str| {
            let text = text.replace("{<}", less).replace("{>}", greater);
            prepare(&text.replace("{ASC}", up).replace("{DESC}", down))
        };
        Self { onward: turned("<", ">", "ASC", "DESC"), back: turned(">", "<", "DESC", "ASC") }
    }
}

/// The text of one file as a statement: what names jobs becomes the source of the records.
pub(crate) fn composed(name: &str, text: &str, record: &str) -> String {
    if name.starts_with("list_") { record.replace("{source}", text.trim()) } else { text.to_owned() }
}

/// Makes `fn statements(prepare)` of an engine, which reads its files at compile time.
macro_rules! read_statements {
    ($($name:ident)*; $($way:ident)*) => {
        fn statements(prepare: impl Fn(&str) -> $crate::storage::sql::statement::Sql) -> $crate::storage::sql::statement::Statements {
            let record = include_str!("sql/job_record.sql");
            $crate::storage::sql::statement::Statements {
                $($name: prepare(&$crate::storage::sql::statement::composed(
                    stringify!($name),
                    include_str!(concat!("sql/", stringify!($name), ".sql")),
                    record,
                )),)*
                $($way: $crate::storage::sql::statement::Ways::new(include_str!(concat!("sql/", stringify!($way), ".sql")), &prepare),)*
            }
        }
    };
}
pub(crate) use read_statements;

/// Calls a macro with the names of all statements.
macro_rules! for_all_statements {
    ($then:ident) => {
        $then! {
            audit_insert audit_list audit_of_act audit_of_actor audit_of_target audit_sweep
            batch_audit batch_cancel batch_count batch_delete batch_end batch_insert batch_jobs batch_list batch_lock batch_move
            batch_nested batch_outputs batch_reopen batch_rows batch_seal batch_sources batch_start batch_sweep batch_waited
            change_cancel change_delete change_due change_lane change_lock change_chunk change_outcome_delete
            change_parked_delete change_payload change_ready_delete change_revive change_row change_scheduled_delete
            check_claims check_flows check_homes check_leftovers check_outcomes
            claim_delete claim_delete_empty claim_insert claim_left claim_list claim_lock claim_owners claim_ready claim_suspect
            clean_events clean_jobs clean_occurrences clean_outcomes clean_progress clean_seen clean_walk
            edge_children edge_close_batches edge_close_jobs edge_delete edge_insert edge_shut edge_waits
            error_add error_expire error_get error_list error_list_kind error_note error_notes error_notes_delete
            event_drop_snooze event_insert
            expiry_delete expiry_due expiry_insert
            fence_next finish_jobs finish_left finish_rows
            flow_audit flow_edges flow_inputs flow_mark_batches flow_mark_jobs flow_release flow_unmet gate_jobs
            job_batches job_events job_insert job_known job_seen
            job_texts kind_find kind_insert kind_list line_totals list_one list_some
            meet_batch meet_children meet_claims meet_facts meet_jobs meet_members meet_outcome meet_parked meet_ready meet_scheduled
            occurrence_insert offer_stands outcome_insert
            operation_begin operation_due operation_end operation_get operation_keep operation_list operation_sweep
            park_ready park_servers park_totals parked_delete parked_insert
            pause_delete pause_kinds pause_list pause_sweep pause_upsert
            position_get position_set progress_upsert promote_due
            queue_find queue_insert queue_list queue_waits
            ready_delete ready_insert recount
            recurring_advance recurring_alter recurring_busy recurring_declared recurring_due recurring_fired recurring_get recurring_list
            recurring_next recurring_remove recurring_runs recurring_sweep recurring_upsert
            rescue_candidates rescue_chunks revoked
            scheduled_delete scheduled_insert scheduled_next
            server_beat server_end_lease server_list server_look server_remove server_signal server_sweep
            stat_add stat_counts stat_points stat_roll_delete stat_roll_insert stat_sums stat_totals
            step_delete step_due step_insert step_members step_next system_migrations system_schema system_sizes system_version total_add
            unpark_rows;
            lane_held lane_parked lane_ready
            walk_edges walk_held walk_jobs walk_live walk_outcomes walk_parked walk_ready walk_scheduled
        }
    };
}

macro_rules! define {
    ($($name:ident)*; $($way:ident)*) => {
        /// All statements of one engine.
        pub(crate) struct Statements { $(pub(crate) $name: Sql,)* $(pub(crate) $way: Ways,)* }
    };
}

for_all_statements!(define);
pub(crate) use for_all_statements;
