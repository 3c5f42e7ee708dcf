//! What lists, probes and the walks of operations cost however many jobs there are: the plans of their statements, over tables that the planner knows to be large.

use std::{fs, path::Path};

use sqlx::{AssertSqlSafe, PgConnection};

use crate::Schema;

/// Fills the tables, without a client, with rows of every sort.
const ROWS: &str = "
    CREATE FUNCTION {schema}.id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
        AS $$ SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
    INSERT INTO {schema}.kind (name) SELECT 'kind ' || n FROM generate_series(1, 20) AS n;
    INSERT INTO {schema}.queue (name) SELECT 'queue ' || n FROM generate_series(1, 20) AS n;
    INSERT INTO {schema}.batch (id, moved, swept, created_at, touched_at, depth, flow, sealed, description)
        SELECT {schema}.id(n), {schema}.id(0), {schema}.id(0), now(), now(), 0, 0, 0, '' FROM generate_series(1, 500) AS n;
    INSERT INTO {schema}.job (id, created_at, due_at, kind, queue, priority, on_exhausted, max_attempts, payload, batch, outcome)
        SELECT {schema}.id(n), now(), now() + n * interval '1 second', 1 + n % 20, 1 + n % 20, n % 3, 0, 5, 'args',
            CASE WHEN n % 10 = 0 THEN {schema}.id(1 + n / 10 % 500) END, CASE WHEN n % 2 = 0 THEN 4 END
        FROM generate_series(1, 200000) AS n;
    INSERT INTO {schema}.ready (queue, kind, priority, id, once, suspect)
        SELECT 1 + n % 20, 1 + n % 20, n % 3, {schema}.id(n), false, false FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.parked (queue, kind, priority, id)
        SELECT 1 + n % 20, 1 + n % 20, n % 3, {schema}.id(n) FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.scheduled (due_at, id)
        SELECT now() + n * interval '1 second', {schema}.id(n) FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.outcome (outcome, id, kind, queue, at)
        SELECT 5 + n % 2, {schema}.id(n), 1, 1, now() FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.edge (parent, child, parent_batch, child_batch, position, condition)
        SELECT {schema}.id(n), {schema}.id(n + 1), 0, 0, 0, 0 FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.error (id, last_at, first_at, n, last_job, kind, title, sample)
        SELECT {schema}.id(n), now() + n * interval '1 second', now(), 1, {schema}.id(n), 1 + n % 20, '', ''
        FROM generate_series(1, 60000) AS n;
    INSERT INTO {schema}.claim (claimed_at, server, n_left, suspect, ids)
        SELECT now(), {schema}.id(1), 20, false, ARRAY(SELECT {schema}.id(20 * n + m) FROM generate_series(1, 20) AS m)
        FROM generate_series(1, 200) AS n;
    ANALYZE;
";

/// The statements, the types of their parameters as the driver binds them, and values.
const STATEMENTS: [(&str, &str, &str); 29] = [
    ("walk_jobs", "uuid, bigint", "{schema}.id(90000), 51"),
    ("walk_outcomes", "bigint, uuid, bigint", "5, {schema}.id(50000), 51"),
    ("walk_live", "uuid, bigint", "{schema}.id(3000), 51"),
    ("walk_scheduled", "timestamptz, uuid, bigint", "now() + interval '1 hour', {schema}.id(1), 51"),
    ("walk_ready", "bigint, bigint, uuid, bigint", "7, 1, {schema}.id(30000), 51"),
    ("walk_parked", "bigint, bigint, bigint, uuid, bigint", "7, 7, 1, {schema}.id(30000), 51"),
    ("walk_edges", "uuid, bigint", "{schema}.id(30000), 51"),
    ("walk_held", "uuid, uuid, bigint", "{schema}.id(17), {schema}.id(150000), 51"),
    ("lane_ready", "bigint, bigint, bigint", "7, 1, 100"),
    ("lane_parked", "bigint, bigint, bigint, bigint", "7, 7, 1, 100"),
    ("lane_held", "uuid", "{schema}.id(300)"),
    ("meet_batch", "uuid", "{schema}.id(300)"),
    ("meet_children", "uuid, bigint", "{schema}.id(30000), 1000"),
    ("meet_claims", "bigint, bigint", "7, 100"),
    ("meet_facts", "uuid[]", "ARRAY[{schema}.id(300), {schema}.id(70000)]"),
    ("meet_jobs", "uuid, uuid, bigint", "{schema}.id(90000), {schema}.id(190000), 1000"),
    ("meet_members", "uuid, uuid, bigint", "{schema}.id(17), {schema}.id(50000), 1000"),
    ("meet_outcome", "bigint, uuid, bigint", "5, {schema}.id(30000), 1000"),
    ("meet_parked", "bigint, bigint, bigint, uuid, bigint", "7, 7, -1, {schema}.id(30000), 1000"),
    ("meet_ready", "bigint, bigint, bigint, uuid, bigint, bigint", "0, 7, -1, {schema}.id(30000), 1000, NULL"),
    ("meet_ready", "bigint, bigint, bigint, uuid, bigint, bigint", "0, 7, -1, {schema}.id(30000), 1000, 7"),
    ("meet_scheduled", "timestamptz, uuid, bigint", "now() + interval '1 hour', {schema}.id(1), 1000"),
    ("list_one", "uuid", "{schema}.id(300)"),
    ("list_some", "uuid[]", "ARRAY[{schema}.id(300), {schema}.id(70000)]"),
    ("job_texts", "uuid[], bigint", "ARRAY[{schema}.id(300), {schema}.id(70000)], 1000"),
    ("error_get", "uuid", "{schema}.id(300)"),
    ("error_list", "timestamptz, uuid, bigint", "now() + interval '1 hour', {schema}.id(1), 51"),
    ("error_list_kind", "timestamptz, uuid, bigint, text", "now() + interval '1 hour', {schema}.id(1), 51, 'kind 3'"),
    ("queue_waits", "", ""),
];

/// The tables that may be large.
const LARGE: [&str; 8] = ["job", "ready", "parked", "scheduled", "outcome", "edge", "batch", "error"];

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs-runtime/src/storage/postgres/sql");
    fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap()
}

async fn execute(connection: &mut PgConnection, text: String) {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.unwrap();
}

#[tokio::test]
async fn no_list_and_no_probe_reads_a_whole_table() {
    let Some(schema) = Schema::new() else { return };
    schema.client().await;
    schema.execute(ROWS).await;
    let mut connection = schema.connection().await;
    let record = read("job_record");
    for (name, types, values) in STATEMENTS {
        let text = read(name);
        let text = if name.starts_with("list_") { record.replace("{source}", text.trim()) } else { text };
        for turned in [[("<", ">"), ("ASC", "DESC")], [(">", "<"), ("DESC", "ASC")]] {
            let mut text = text.replace("{schema}", &schema.name);
            for ((one, other), [first, second]) in turned.into_iter().zip([["{<}", "{>}"], ["{ASC}", "{DESC}"]]) {
                text = text.replace(first, one).replace(second, other);
            }
            // A statement without parameters takes no brackets.
            let in_brackets = |list: &str| if list.is_empty() { String::new() } else { format!("({list})") };
            execute(&mut connection, format!("PREPARE probe {} AS {text}", in_brackets(types))).await;
            // Values are known to the planner at first, and no longer when a statement has been used often.
            for mode in ["force_custom_plan", "force_generic_plan"] {
                execute(&mut connection, format!("SET plan_cache_mode = {mode}")).await;
                let values = values.replace("{schema}", &schema.name);
                let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE probe {}", in_brackets(&values)));
                let plan: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
                for line in &plan {
                    let read = line.split("Seq Scan on ").nth(1).and_then(|rest| rest.split_whitespace().next());
                    assert!(!read.is_some_and(|table| LARGE.contains(&table)), "{name}, {mode}:\n{}", plan.join("\n"));
                }
            }
            execute(&mut connection, "DEALLOCATE probe".to_owned()).await;
        }
    }
}
