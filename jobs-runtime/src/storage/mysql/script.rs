//! Several statements as one text, which are sent in one round trip. The values stand in the text itself, as numbers, hexadecimal
//! digits and plain letters, so that nothing in them can be taken for SQL.

use std::fmt::Write as _;

use futures_util::TryStreamExt;
use sqlx::{Either, MySqlConnection};

use super::{
    driver::limited,
    template::{ROWS, json},
};
use crate::storage::sql::{
    lists::id_list,
    row::Row,
    statement::{Sql, written},
    value::{Table, Value},
};

/// What one statement gave.
#[derive(Default)]
pub(super) struct Reply {
    pub(super) rows: Vec<Row>,
    /// The number that the row got that it inserted.
    pub(super) number: u64,
}

/// The text in the making.
#[derive(Default)]
pub(super) struct Script(String);

impl Script {
    /// Adds statements without values.
    pub(super) fn plain(&mut self, text: &str) {
        self.next();
        self.0.push_str(text.trim_end());
    }

    /// Adds a statement with its values. A list stands for what is between the brackets of `IN (?)`.
    pub(super) fn add(&mut self, sql: &Sql, args: &[Value]) {
        self.next();
        match &sql.order {
            Some(order) => fill(&mut self.0, sql.str().as_str(), order.iter().filter_map(|index| args.get(*index))),
            None => fill(&mut self.0, sql.str().as_str(), args.iter()),
        }
    }

    /// Adds a statement for all rows of the table, and nothing for none.
    pub(super) fn rows(&mut self, sql: &Sql, table: &Table) {
        if table.is_empty() {
            return;
        }
        if sql.order.is_some() {
            return self.add(sql, &[Value::Text(Some(json(table)))]);
        }
        self.next();
        let text = sql.str();
        let Some((before, rest)) = text.as_str().split_once(ROWS) else { return self.0.push_str(text.as_str()) };
        let Some((pattern, after)) = rest.split_once('}') else { return self.0.push_str(text.as_str()) };
        let pattern = pattern.trim_start_matches(':').trim();
        self.0.push_str(before);
        for (index, row) in table.rows().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            if pattern.is_empty() {
                self.0.push('(');
                separated(&mut self.0, row.iter(), literal);
                self.0.push(')');
            } else {
                fill(&mut self.0, pattern, row.iter());
            }
        }
        self.0.push_str(after);
    }

    fn next(&mut self) {
        if !self.0.is_empty() {
            self.0.push_str(";\n");
        }
    }

    /// Sends it and waits for all answers. After an error the statements behind it have not been carried out.
    pub(super) async fn send(self, connection: &mut MySqlConnection) -> sqlx::Result<Vec<Reply>> {
        let answers = async {
            let mut replies = Vec::new();
            let mut reply = Reply::default();
            let mut answers = sqlx::raw_sql(written(self.0)).fetch_many(connection);
            while let Some(answer) = answers.try_next().await? {
                match answer {
                    Either::Right(row) => reply.rows.push(Row::new(row)),
                    Either::Left(end) => {
                        reply.number = end.last_insert_id();
                        replies.push(std::mem::take(&mut reply));
                    }
                }
            }
            Ok(replies)
        };
        limited(answers).await
    }
}

/// Writes the template with the values at its places.
fn fill<'v>(text: &mut String, template: &str, mut values: impl Iterator<Item = &'v Value>) {
    let mut parts = template.split('?');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match values.next() {
            Some(value) => literal(text, value),
            None => text.push_str("NULL"),
        }
        text.push_str(part);
    }
}

fn literal(text: &mut String, value: &Value) {
    match value {
        Value::Int(Some(number)) | Value::Time(Some(number)) => int(text, number),
        Value::Flag(flag) => int(text, &i64::from(*flag)),
        Value::Real(number) => {
            let _ = write!(text, "{number:e}");
        }
        Value::Text(Some(word)) => string(text, word),
        Value::Bytes(Some(bytes)) => hex(text, bytes),
        Value::Id(Some(id)) => hex(text, id),
        Value::Ids(ids) => separated(text, ids, |text, id| hex(text, id.as_bytes())),
        Value::Ints(numbers) => separated(text, numbers, int),
        Value::Texts(words) => separated(text, words, |text, word| string(text, word)),
        Value::Int(None) | Value::Time(None) | Value::Text(None) | Value::Bytes(None) | Value::Id(None) => {
            text.push_str("NULL");
        }
    }
}

/// The members of a list; `NULL`, which nothing is equal to, for none.
fn separated<T>(text: &mut String, members: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut String, T)) {
    let begin = text.len();
    for member in members {
        if text.len() > begin {
            text.push(',');
        }
        write(text, member);
    }
    if text.len() == begin {
        text.push_str("NULL");
    }
}

fn int(text: &mut String, number: &i64) {
    let _ = write!(text, "{number}");
}

fn hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const PART: usize = 32;
    text.reserve(2 * bytes.len() + 3);
    text.push_str("x'");
    // Some at once: each push of a letter would look for room.
    for part in bytes.chunks(PART) {
        let mut letters = [0; 2 * PART];
        for (pair, byte) in letters.chunks_exact_mut(2).zip(part) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        text.extend(std::str::from_utf8(&letters[..2 * part.len()]));
    }
    text.push('\'');
}

fn string(text: &mut String, word: &str) {
    // Of such letters none means anything else in any character set or mode.
    if word.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\')) {
        text.push('\'');
        text.push_str(word);
        text.push('\'');
    } else {
        text.push_str("_utf8mb4 ");
        hex(text, word.as_bytes());
    }
}

/// Ids as a column holds them.
pub(super) fn stored_ids(ids: impl IntoIterator<Item = crate::JobId>) -> Value {
    Value::Text(Some(id_list(ids)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        JobId,
        storage::{mysql::template::prepare, sql::value::line},
    };

    #[test]
    fn values_become_literals_that_cannot_be_taken_for_sql() {
        let mut script = Script::default();
        script.plain("BEGIN\n");
        let id = JobId::from_bytes([0xab; 16]);
        let values =
            line![-5_i64, None::<i64>, "it's ?", "plain", vec![0_u8, 255], id, Value::ids([id, id]), Value::ints([])];
        script.add(&prepare("SELECT ?, ?, ?, ?, ?, ?, ?, ?"), &values);
        let hex = "ab".repeat(16);
        assert_eq!(
            script.0,
            format!(
                "BEGIN;\nSELECT -5, NULL, _utf8mb4 x'69742773203f', 'plain', x'00ff', x'{hex}', x'{hex}',x'{hex}', NULL"
            )
        );
    }

    #[test]
    fn rows_are_written_out_as_their_pattern_says() {
        let mut script = Script::default();
        script.rows(
            &prepare("INSERT INTO t VALUES {rows: (?, 0 - ?)} x"),
            &[line![1_i64, 2_i64], line![3_i64, 4_i64]].into_iter().collect(),
        );
        script.rows(&prepare("INSERT INTO t VALUES {rows}"), &[line![1_i64, "a"]].into_iter().collect());
        script.rows(&prepare("INSERT INTO t VALUES {rows}"), &Table::default());
        script.add(&prepare("SELECT ?2, ?1, ?2"), &line![1_i64, 2_i64]);
        assert_eq!(
            script.0,
            "INSERT INTO t VALUES (1, 0 - 2),(3, 0 - 4) x;\nINSERT INTO t VALUES (1,'a');\nSELECT 2, 1, 2"
        );
    }
}
