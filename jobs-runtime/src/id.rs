//! Identifiers: of jobs, of batches, of servers, of chunks of claimed jobs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A job's identity: a UUID of version 7, made by the client, so that it is known before the job is stored and
/// so that sending the same job twice stores it once.
///
/// Ids sort by the time at which they were made (RFC 9562, section 5.7). Those that are made of a
/// [key](crate::Enqueue::key) know no time and sort before all others; they are of version 8.
///
/// ```
/// let id = jobs_runtime::JobId::new();
/// assert_eq!(id.to_string().parse::<jobs_runtime::JobId>(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Uuid);

/// The namespace of the ids that are made of keys; never change it.
const KEYS: Uuid = Uuid::from_u128(0x6a6f_6273_2e6b_4579_8373_0000_6b65_7973);

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id; an id looks like 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct ParseIdError(pub(crate) String);

impl JobId {
    /// Makes a new id, greater than every one that this process made before.
    #[allow(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id of the job of this kind that this key stands for.
    pub(crate) fn of_key(kind: &str, key: &str) -> Self {
        // A kind has no control characters, so no two pairs make one text.
        let name = format!("{kind}\0{key}");
        let mut bytes = Uuid::new_v5(&KEYS, name.as_bytes()).into_bytes();
        // Claims go by id within a priority: with ids all over the range, most keyed jobs would wait behind every other job that
        // ever comes, and starve in a queue that is never empty.
        bytes[0] = 0;
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes stand for.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// The smallest id that could have been made at `at`, for walking the jobs by age.
    pub(crate) fn floor(at: jiff::Timestamp) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        Self::from_bytes(bytes)
    }
}

impl From<Uuid> for JobId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobId({})", self.0)
    }
}

impl FromStr for JobId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.chars().take(80).collect()))
    }
}

/// A batch's identity: a UUID of version 7, made by the client like a [`JobId`].
///
/// ```
/// let id = jobs_runtime::BatchId::new();
/// assert_eq!(id.to_string().parse::<jobs_runtime::BatchId>(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(Uuid);

impl BatchId {
    /// Makes a new id, greater than every one that this process made before.
    #[allow(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes stand for.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for BatchId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchId({})", self.0)
    }
}

/// The identity of an [operation](crate::storage::OperationRecord) on many jobs: a UUID of version 7.
///
/// ```
/// let id = jobs_runtime::OperationId::new();
/// assert_eq!(id.to_string().parse::<jobs_runtime::OperationId>(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(Uuid);

impl OperationId {
    /// Makes a new id, greater than every one that this process made before.
    #[allow(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes stand for.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for OperationId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationId({})", self.0)
    }
}

/// One start of one server process. A restarted server is another server, so that it never inherits claims.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerId(Uuid);

impl ServerId {
    /// Makes a new id.
    #[allow(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes stand for.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for ServerId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerId({})", self.0)
    }
}

/// The number of a claimed chunk of jobs, and the token that guards every write of the server that claimed it.
///
/// It only grows over the life of a database, so a later claim always has a greater fence: give it to an outside
/// system that refuses smaller ones, and a stalled worker cannot overwrite the work of its successor there either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub i64);

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_keys_are_stable_and_sort_before_all_others() {
        let id = JobId::of_key("mail::send", "order:42");
        assert_eq!(
            id.to_string(),
            "0077e32a-8099-8237-9879-e076fd5269b9",
            "stored jobs have this id; it never changes"
        );
        assert_eq!(id.as_uuid().get_version_num(), 8);
        assert_ne!(id, JobId::of_key("mail::send", "order:43"));
        assert_ne!(id, JobId::of_key("mail::sen", "dorder:42"));
        assert!((0..1_000).all(|n| JobId::of_key("mail::send", &n.to_string()) < JobId::new()));
    }
}
