//! From the engine's `.sql` files to what its driver takes: places without numbers, and statements for many rows.

use sqlx::SqlStr;

use crate::storage::sql::{
    statement::Sql,
    value::{Table, Value},
};

/// The numbers of rows that statements are written out for, so that the connection's cache of prepared statements is hit whatever
/// the number; any number is a sum of few of them.
const SIZES: [usize; 4] = [256, 32, 4, 1];
/// About how many bytes a statement for several rows may have: any server takes so many.
const BYTES: usize = 1024 * 1024;

pub(super) const ROWS: &str = "{rows";

/// A statement of a file. `?2` stands for the second value; comments, which stand on lines of their own, stay behind.
pub(super) fn prepare(text: &str) -> Sql {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut parts = text.split('?');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    let mut order = Vec::new();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        if let Ok(number) = part[..digits].parse::<usize>() {
            order.push(number - 1);
        }
        plain.push('?');
        plain.push_str(&part[digits..]);
    }
    if order.is_empty() { Sql::new(plain) } else { Sql::ordered(plain, order) }
}

/// The values in the order of their places.
pub(super) fn ordered(sql: &Sql, args: Vec<Value>) -> Vec<Value> {
    match &sql.order {
        Some(order) => order.iter().filter_map(|index| args.get(*index).cloned()).collect(),
        None => args,
    }
}

/// The statements and their values that are executed for a table. A statement that names its first value takes the whole table,
/// as JSON; one with `{rows}`, or `{rows: (?, 0 - ?)}`, is written out for numbers of rows.
pub(super) fn parts(sql: &Sql, table: Table) -> Vec<(SqlStr, Vec<Value>)> {
    if sql.order.is_some() {
        return vec![(sql.str(), vec![Value::Text(Some(json(&table)))])];
    }
    let width = table.width();
    let mut values = table.into_values().into_iter();
    let mut parts = Vec::new();
    while !values.as_slice().is_empty() {
        let size = fitting(values.as_slice(), width);
        let text = sql.for_rows(size, |template| written_out(template, size, width));
        parts.push((text, values.by_ref().take(size * width).collect()));
    }
    parts
}

/// How many of these rows the next statement takes.
fn fitting(values: &[Value], width: usize) -> usize {
    let rows = values.len() / width;
    let is_small = |size: usize| values[..size * width].iter().map(Value::size).sum::<usize>() <= BYTES;
    SIZES.into_iter().find(|size| *size <= rows && (*size == 1 || is_small(*size))).unwrap_or(rows)
}

fn written_out(template: &str, size: usize, width: usize) -> String {
    let Some((before, rest)) = template.split_once(ROWS) else { return template.to_owned() };
    let Some((pattern, after)) = rest.split_once('}') else { return template.to_owned() };
    let row = match pattern.trim_start_matches(':').trim() {
        "" => format!("({})", vec!["?"; width].join(", ")),
        pattern => pattern.to_owned(),
    };
    format!("{before}{}{after}", vec![row; size].join(", "))
}

/// The rows as arrays in an array; ids are hexadecimal texts.
pub(super) fn json(table: &Table) -> String {
    let rows = table.rows().map(|row| serde_json::Value::from_iter(row.iter().map(cell)));
    serde_json::Value::from_iter(rows).to_string()
}

fn cell(value: &Value) -> serde_json::Value {
    match value {
        Value::Int(number) | Value::Time(number) => (*number).into(),
        Value::Flag(flag) => i64::from(*flag).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
        Value::Id(id) => id.map(|id| uuid::Uuid::from_bytes(id).simple().to_string()).into(),
        Value::Bytes(_) | Value::Ids(_) | Value::Ints(_) | Value::Texts(_) => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::sql::value::line;

    #[test]
    fn values_stand_where_their_numbers_are() {
        let sql = prepare("-- Why?\nSELECT ?2, 'a' -- no\nFROM t WHERE a = ?1 AND b = ?2 AND c = ?10\n");
        assert_eq!(sql.str().as_str(), "SELECT ?, 'a' -- no\nFROM t WHERE a = ? AND b = ? AND c = ?");
        assert_eq!(sql.order.as_deref(), Some(&[1, 0, 1, 9][..]));
        assert_eq!(prepare("SELECT 1").order, None);
    }

    #[test]
    fn a_statement_is_written_out_for_its_rows() {
        assert_eq!(written_out("VALUES {rows} x", 2, 3), "VALUES (?, ?, ?), (?, ?, ?) x");
        assert_eq!(written_out("VALUES {rows: (?, 0 - ?)}", 2, 2), "VALUES (?, 0 - ?), (?, 0 - ?)");
    }

    #[test]
    fn rows_are_grouped_by_number_and_by_size() {
        let sql = prepare("INSERT INTO t VALUES {rows}");
        let sizes = |rows: usize, bytes: usize| {
            let table = (0..rows).map(|_| line![vec![0_u8; bytes], 1_i64]).collect();
            parts(&sql, table).iter().map(|(_, values)| values.len() / 2).collect::<Vec<_>>()
        };
        assert_eq!(sizes(300, 1), [256, 32, 4, 4, 4]);
        assert_eq!(sizes(7, 1), [4, 1, 1, 1]);
        assert_eq!(sizes(40, BYTES / 40), [32, 4, 4]);
        assert_eq!(sizes(5, BYTES), [1, 1, 1, 1, 1]);
        assert_eq!(sizes(0, 1), [0; 0]);
    }

    #[test]
    fn a_table_can_be_one_value() {
        let sql = prepare("DELETE FROM JSON_TABLE(?1)");
        let id = crate::JobId::from_bytes([0xab; 16]);
        let parts = parts(&sql, [line![1_i64, id, true], line![-2_i64, id, false]].into_iter().collect());
        let [(_, values)] = &parts[..] else { panic!("one statement takes all rows") };
        let Value::Text(Some(text)) = &values[0] else { panic!("as text") };
        let id = "ab".repeat(16);
        assert_eq!(*text, format!("[[1,\"{id}\",1],[-2,\"{id}\",0]]"));
    }
}
