//! How args and outputs become bytes and come back. The only place that knows bincode.
//!
//! A stored payload is a header of 16 bytes and a body. The header says how the body is written and with which layout, and
//! carries a checksum over both: bincode by itself reads damaged bytes, and bytes of another layout, as other values
//! without a word.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | codec: 1 bincode 2 (standard configuration), 2 JSON |
//! | 1 | version of this format: 1 |
//! | 2–3 | the owner's version of the layout, little-endian |
//! | 4–11 | fingerprint of the layout, little-endian |
//! | 12–15 | CRC-32 (IEEE) of bytes 0–11 and the body, little-endian |

mod body;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Serialize, de::DeserializeOwned};

use crate::{BoxError, Error, error::Result};

/// How many bytes stand before the body.
pub const HEADER_SIZE: usize = 16;

/// Where in the header the checksum begins.
const SUM_AT: usize = 12;

/// The version of the header's own format.
const FORMAT: u8 = 1;

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Compact; for every type whose layout does not depend on its values.
    #[default]
    Bincode,
    /// Self-describing; for types with untagged or flattened parts.
    Json,
}

impl Codec {
    const fn code(self) -> u8 {
        match self {
            Self::Bincode => 1,
            Self::Json => 2,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Bincode),
            2 => Some(Self::Json),
            _ => None,
        }
    }
}

/// What a stored payload says before its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How the body is written.
    pub codec: Codec,
    /// The number that the owner gave to the layout.
    pub version: u16,
    /// The fingerprint of the layout that the body was written with.
    pub fingerprint: u64,
}

impl Header {
    fn checked_bytes(&self) -> [u8; SUM_AT] {
        let mut bytes = [0; SUM_AT];
        bytes[0] = self.codec.code();
        bytes[1] = FORMAT;
        bytes[2..4].copy_from_slice(&self.version.to_le_bytes());
        bytes[4..].copy_from_slice(&self.fingerprint.to_le_bytes());
        bytes
    }
}

/// Why stored bytes are no value.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("it has {0} bytes, fewer than its header of {HEADER_SIZE}: it was cut off, or it is no payload")]
    NoHeader(usize),
    #[error("its format has the number {0}, which this program does not know; run a newer version of `jobs`")]
    UnknownFormat(u8),
    #[error("its codec has the number {0}, which this program does not know; run a newer version of `jobs`")]
    UnknownCodec(u8),
    #[error("its checksum is wrong: the stored bytes were damaged")]
    Damaged,
    #[error("{0}")]
    Body(String),
    #[error("the type's `Deserialize` panicked: {0}")]
    Panicked(String),
}

impl Fault {
    fn of(self, what: &str) -> Error {
        Error::Decode { what: what.to_owned(), source: Box::new(self) }
    }
}

/// Writes `value` behind `header`. `what` names the value in errors: "the args of `send_mail`".
///
/// # Errors
/// [`Error::Encode`] when the value refuses, or has a part that the codec cannot write.
///
/// ```
/// use jobs_runtime::codec::{self, Codec, Header};
///
/// let header = Header { codec: Codec::Bincode, version: 1, fingerprint: 42 };
/// let bytes = codec::encode(&("Ada", 36_u8), header, "the args of `greet`")?;
/// let (found, body) = codec::open(&bytes, "the args of `greet`")?;
/// assert_eq!(found, header);
/// assert_eq!(codec::read::<(String, u8)>(found, body, "the args of `greet`")?, ("Ada".to_owned(), 36));
/// # Ok::<(), jobs_runtime::Error>(())
/// ```
pub fn encode<T: Serialize>(value: &T, header: Header, what: &str) -> Result<Vec<u8>> {
    let refused = |source: BoxError| Error::Encode { what: what.to_owned(), source };
    let checked = header.checked_bytes();
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(&checked);
    bytes.extend_from_slice(&[0; HEADER_SIZE - SUM_AT]);
    match header.codec {
        Codec::Bincode => body::write(value, &mut bytes).map_err(refused)?,
        Codec::Json => serde_json::to_writer(&mut bytes, value).map_err(|error| refused(error.into()))?,
    }
    let sum = checksum(&checked, &bytes[HEADER_SIZE..]);
    bytes[SUM_AT..HEADER_SIZE].copy_from_slice(&sum.to_le_bytes());
    Ok(bytes)
}

/// Splits stored bytes into header and body, and checks the sum.
///
/// # Errors
/// [`Error::Decode`] when the bytes are damaged or of a format that this version does not know.
pub fn open<'b>(bytes: &'b [u8], what: &str) -> Result<(Header, &'b [u8])> {
    let Some((head, body)) = bytes.split_first_chunk::<HEADER_SIZE>() else {
        return Err(Fault::NoHeader(bytes.len()).of(what));
    };
    let [codec, format, v0, v1, f0, f1, f2, f3, f4, f5, f6, f7, s0, s1, s2, s3] = *head;
    if format != FORMAT {
        return Err(Fault::UnknownFormat(format).of(what));
    }
    if checksum(&head[..SUM_AT], body) != u32::from_le_bytes([s0, s1, s2, s3]) {
        return Err(Fault::Damaged.of(what));
    }
    let codec = Codec::from_code(codec).ok_or_else(|| Fault::UnknownCodec(codec).of(what))?;
    let fingerprint = u64::from_le_bytes([f0, f1, f2, f3, f4, f5, f6, f7]);
    Ok((Header { codec, version: u16::from_le_bytes([v0, v1]), fingerprint }, body))
}

/// Reads a body that was written with this very layout. The caller has compared the header with the type's
/// own: bytes of another layout may make a value, and a wrong one.
///
/// No length that the body claims makes it allocate more than the body's own size can need, values nest at most
/// 128 deep, and every byte must be used. A panic of the type's own `Deserialize` is an error.
///
/// # Errors
/// [`Error::Decode`] when it does not make a `T`.
pub fn read<T: DeserializeOwned>(header: Header, body: &[u8], what: &str) -> Result<T> {
    let read = || match header.codec {
        Codec::Bincode => body::read(body).map_err(|error| error.to_string()),
        Codec::Json => serde_json::from_slice(body).map_err(|error| error.to_string()),
    };
    // What a panic leaves half-made belongs to the value that is thrown away with it.
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(text)) => Err(Fault::Body(text).of(what)),
        Err(panic) => Err(Fault::Panicked(panic_text(&*panic)).of(what)),
    }
}

/// Refuses a payload that is longer than `limit` bytes, its header included.
///
/// # Errors
/// [`Error::TooLarge`] with the name, the size and the limit.
pub fn check_size(bytes: &[u8], limit: usize, what: &str) -> Result<()> {
    if bytes.len() <= limit {
        return Ok(());
    }
    Err(Error::TooLarge { what: what.to_owned(), size: bytes.len(), limit })
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(head);
    sum.update(body);
    sum.finalize()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text").to_owned()
}
