//! What the engines share: every decision, and the order in which a transaction does things. An engine brings its statements, in
//! `.sql` files of the same names with the same parameters and columns, a [`Connection`](connection::Connection), and a
//! [`Backend`](engine::Backend) that runs transactions.
//!
//! Locks are taken in one order everywhere: claim, job by id, batch, then inserts; what waits for a row comes after it. The row of an
//! operation comes before all of them, and what it changes one by one. A row of `ready`, `scheduled` or `parked` is never
//! locked before it is deleted: who deletes it was first.

mod aside;
mod audit;
mod audit_calls;
mod calls;
mod change;
pub(crate) mod claim;
mod clean;
pub(crate) mod connection;
mod deed;
pub(crate) mod engine;
mod errors;
pub(crate) mod fail;
pub(crate) mod finish;
mod fit;
mod flow;
mod flow_calls;
pub(crate) mod group;
pub(crate) mod insert;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod inserter;
mod insight;
mod insight_calls;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) mod lists;
pub(crate) mod migrate;
pub(crate) mod names;
pub(crate) mod offer;
mod operation;
mod operation_calls;
mod pauses;
#[cfg(feature = "sqlite")]
pub(crate) mod quick;
mod record;
mod recurring;
mod rescue;
pub(crate) mod row;
pub(crate) mod servers;
pub(crate) mod stat;
pub(crate) mod statement;
pub(crate) mod text;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod thread;
pub(crate) mod upkeep;
pub(crate) mod value;
mod walk;
pub(crate) mod write;
