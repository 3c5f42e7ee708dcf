//! Inserting very many rows: as a stream of tuples, for which the server writes its log by the page and plans nothing.

use sqlx::PgConnection;

use super::driver::Instant;
use crate::storage::sql::{
    row::damaged,
    statement::Copied,
    value::{Table, Value},
};

/// From how many rows on it is faster than a statement.
pub(super) const ROWS: usize = 1_000;
/// About how many bytes one message carries.
const MESSAGE: usize = 1024 * 1024;

/// What the stream begins with: a signature, no flags, and no more of a header.
const BEGIN: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with: a tuple of -1 columns.
const END: [u8; 2] = (-1_i16).to_be_bytes();

/// Copies the rows; returns how many. None were, where one of them has a key that is known: the transaction is of no use then.
pub(super) async fn rows(connection: &mut PgConnection, copied: &Copied, table: Table) -> sqlx::Result<u64> {
    let mut stream = connection.copy_in_raw(&copied.text).await?;
    match send(&mut stream, copied, table).await {
        Ok(()) => {}
        Err(error) => {
            stream.abort("a value cannot be written").await?;
            return Err(error);
        }
    }
    match stream.finish().await {
        Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => Ok(0),
        finished => finished,
    }
}

async fn send(
    stream: &mut sqlx::postgres::PgCopyIn<&mut PgConnection>,
    copied: &Copied,
    table: Table,
) -> sqlx::Result<()> {
    let (width, mut bytes) = (table.width(), BEGIN.to_vec());
    let columns = i16::try_from(width).map_err(|_| damaged(format!("{width} columns")))?;
    for (at, value) in table.into_values().into_iter().enumerate() {
        let column = at % width;
        if column == 0 {
            if bytes.len() > MESSAGE {
                stream.send(&*bytes).await?;
                bytes.clear();
            }
            bytes.extend_from_slice(&columns.to_be_bytes());
        }
        write(&mut bytes, value, copied.widths.get(column).copied().unwrap_or_default())?;
    }
    bytes.extend_from_slice(&END);
    stream.send(&*bytes).await?;
    Ok(())
}

/// Writes one column; `width` is how many bytes a whole number has in it.
fn write(bytes: &mut Vec<u8>, value: Value, width: u8) -> sqlx::Result<()> {
    match value {
        Value::Int(Some(number)) => {
            let all = number.to_be_bytes();
            let (above, kept) = all.split_at(all.len().saturating_sub(usize::from(width)));
            let sign = if number < 0 { 0xff } else { 0 };
            let fits = above.iter().all(|byte| *byte == sign)
                && kept.first().is_some_and(|first| (*first >= 0x80) == (number < 0));
            if !fits {
                return Err(damaged(format!("{number} is out of the range of its column")));
            }
            field(bytes, kept)
        }
        Value::Flag(flag) => field(bytes, &[u8::from(flag)]),
        Value::Real(number) => field(bytes, &number.to_be_bytes()),
        Value::Text(Some(text)) => field(bytes, text.as_bytes()),
        Value::Bytes(Some(content)) => field(bytes, &content),
        Value::Id(Some(id)) => field(bytes, &id),
        Value::Time(Some(at)) => field(bytes, &Instant(at).of_the_server().to_be_bytes()),
        Value::Int(None) | Value::Text(None) | Value::Bytes(None) | Value::Id(None) | Value::Time(None) => {
            bytes.extend_from_slice(&(-1_i32).to_be_bytes());
            Ok(())
        }
        Value::Ids(_) | Value::Ints(_) | Value::Texts(_) => Err(damaged("a table holds lists".to_owned())),
    }
}

fn field(bytes: &mut Vec<u8>, content: &[u8]) -> sqlx::Result<()> {
    let length = i32::try_from(content.len()).map_err(|_| damaged(format!("a value of {} bytes", content.len())))?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(content);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl Into<Value>, width: u8) -> sqlx::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        write(&mut bytes, value.into(), width).map(|()| bytes)
    }

    #[test]
    fn numbers_have_the_width_of_their_columns() {
        assert_eq!(written(-2_i64, 2).expect("it fits"), [0, 0, 0, 2, 0xff, 0xfe]);
        assert_eq!(written(7_i64, 4).expect("it fits"), [0, 0, 0, 4, 0, 0, 0, 7]);
        assert_eq!(written(i64::MIN, 8).expect("it fits"), [0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 0]);
        for (number, width) in [(32_768_i64, 2), (-32_769, 2), (1 << 31, 4), (1, 0)] {
            assert!(written(number, width).is_err(), "{number} in {width} bytes");
        }
    }

    #[test]
    fn what_is_absent_has_no_bytes() {
        assert_eq!(written(None::<String>, 0).expect("it is written"), [0xff; 4]);
        assert_eq!(written("é", 0).expect("it is written"), [0, 0, 0, 2, 0xc3, 0xa9]);
    }
}
