//! The recursive layout of a type as serde sees it, traced by a deserializer that probes.
//!
//! A type is deserialized again and again from made-up values, each time along another variant or field, until every part of it
//! has been seen. What it asked for, written as text, is its layout:
//!
//! | text | what |
//! |---|---|
//! | `u32` `string` `bytes` `()` | what serde calls it |
//! | `[T]` `{K => V}` `T?` | sequence, map, option |
//! | `(A, B)` `{a: A, b: B}` | tuple or tuple struct, struct |
//! | `<A \| B(u32) \| C{x: u8}>` | enum |
//! | `Url(string)` | a type that refuses values which its form allows: its name counts too |
//! | `^2` | the same type as 2 levels further up |
//! | `any` | whatever comes: only self-describing formats can |
//!
//! Names of structs and enums, of modules and of type parameters do not count, nor do wrappers of one value; names of
//! fields and variants count with their order, as renamed for serde. The fingerprint is the 64-bit FNV-1a hash of the
//! text, so it is the same in every build of the same source.
//!
//! What a deserializer cannot see: `skip_serializing`, `skip_serializing_if` and a `Serialize` by hand that writes
//! something else than `Deserialize` reads.

mod answers;
mod probe;
mod shape;
#[cfg(test)]
mod tests;

use std::{
    any::{TypeId, type_name},
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use serde::de::DeserializeOwned;

use self::shape::short_name;
use crate::job::Layout;

/// Traces `T`: some microseconds for a small type, at most some milliseconds. Equal sources give equal layouts.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Welcome {
///     user: u64,
///     name: Option<String>,
/// }
///
/// let layout = jobs_runtime::layout::trace::<Welcome>();
/// assert_eq!(layout.text, "{user: u64, name: string?}");
/// assert_eq!(layout.unreadable, None);
/// ```
pub fn trace<T: DeserializeOwned>() -> Layout {
    // A type that panics on a made-up value counts by its name alone; what it left half-made is thrown away.
    let (text, unreadable) = catch_unwind(AssertUnwindSafe(probe::explore::<T>))
        .unwrap_or_else(|_| (format!("{}(_)", short_name(type_name::<T>())), None));
    Layout { fingerprint: fnv1a(text.as_bytes()), text, unreadable }
}

/// [`trace`], once for each type in the life of the process.
pub fn of<T: DeserializeOwned + 'static>() -> Arc<Layout> {
    static TRACED: Mutex<Option<HashMap<TypeId, Arc<Layout>>>> = Mutex::new(None);
    let id = TypeId::of::<T>();
    // An entry is inserted whole, so the map is sound even if a thread died with the lock.
    let find = || {
        let mut traced = TRACED.lock().unwrap_or_else(PoisonError::into_inner);
        traced.get_or_insert_default().get(&id).cloned()
    };
    find().unwrap_or_else(|| {
        // Not under the lock: tracing runs the type's own code.
        let layout = Arc::new(trace::<T>());
        let mut traced = TRACED.lock().unwrap_or_else(PoisonError::into_inner);
        traced.get_or_insert_default().entry(id).or_insert(layout).clone()
    })
}

/// The 64-bit FNV-1a hash, whose values are fixed by its definition.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}
