//! The suite that every engine must pass, split by noun. It tests what the storage traits promise, through them alone.
//!
//! An engine supplies a [`Fixture`] and one line, [`conformance!`](crate::conformance), which makes one `#[test]` of each
//! entry of its list. Every test has a database of its own, moves time by
//! [`Settings::clock_offset`](super::Settings::clock_offset) alone, and ends with the same inspection: the totals of the
//! statistics equal a recount of the jobs, every list is as long as its total, and no rows contradict each other.

mod audit;
mod change;
mod chunk;
mod claim;
mod error;
mod fault;
mod finish;
mod finish_within;
mod flow;
mod flow_act;
mod flow_attach;
mod flow_batch;
mod flow_cancel;
mod flow_hold;
mod flow_keep;
mod flow_parents;
mod flow_read;
mod flow_refuse;
mod flow_release;
mod flow_within;
mod insert;
mod insight;
mod kit;
mod lane;
mod list;
mod look;
mod make;
mod model;
mod note;
mod offer;
mod operation;
mod operation_walk;
mod park;
mod pause;
mod promote;
mod random;
mod read;
mod recurring;
mod recurring_fire;
mod recurring_owner;
mod rescue;
mod retention;
mod server;
mod signal;
mod stale;
mod stat;
mod suite;
mod suspect;
mod within;

use std::future::Future;

use futures_util::future::BoxFuture;

use crate::{
    Result, ServerId,
    storage::{Settings, SharedStorage, Tx},
};

/// One database of an engine under test, which goes when the fixture is dropped.
pub trait Fixture: Send + Sync + 'static {
    /// Opens the database, which is empty before the first call. Each call is another handle, as another process would have:
    /// they share nothing but the database and the settings.
    ///
    /// # Errors
    /// What the engine says.
    ///
    /// # Cancel safety
    /// Never dropped by the suite before its end.
    fn open(&self, settings: Settings) -> impl Future<Output = Result<SharedStorage>> + Send;

    /// Runs `work` in a transaction of the application's, on a connection of its own, and ends that as `ending` says; rolls it
    /// back where `work` fails. What `work` calls are the `*_within` methods of a handle that [`open`](Self::open) gave.
    ///
    /// # Errors
    /// That of `work`, else what the engine says.
    ///
    /// # Cancel safety
    /// Never dropped by the suite before its end.
    fn within<T: Send>(
        &self,
        ending: Ending,
        work: impl for<'t> FnOnce(&'t mut dyn Tx) -> Work<'t, T> + Send,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Makes the database refuse every statement that stores [`REFUSED`] as a payload or as an output, for a reason that trying
    /// again does not cure.
    ///
    /// # Errors
    /// What the engine says.
    ///
    /// # Cancel safety
    /// Never dropped by the suite before its end.
    fn refuse(&self) -> impl Future<Output = Result<()>> + Send;

    /// Erases a server's row, as a sweep would that does not see the claim which commits a moment later.
    ///
    /// # Errors
    /// What the engine says.
    ///
    /// # Cancel safety
    /// Never dropped by the suite before its end.
    fn erase_server(&self, server: ServerId) -> impl Future<Output = Result<()>> + Send;
}

/// The bytes that a database refuses after [`Fixture::refuse`].
pub const REFUSED: &[u8] = b"refused";

/// What [`Fixture::within`] runs.
pub type Work<'t, T> = BoxFuture<'t, Result<T>>;

/// How a transaction of the application's ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is kept.
    Commit,
    /// It is taken back.
    Rollback,
}

/// Runs one test of the suite on `fixture`, and then the inspection that ends every test.
///
/// # Panics
/// When the engine breaks a promise, or the suite has no such test.
pub fn run<F: Fixture>(noun: &str, test: &str, fixture: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread needs only memory and a file descriptor");
    let result: Result<()> = runtime.block_on(async {
        let world = kit::World::new(fixture).await?;
        let at = (noun, test);
        crate::conformance! { @list dispatch (world, at) }?;
        world.inspect().await
    });
    if let Err(error) = result {
        panic!("{noun}::{test}: {}", kit::chain(&error));
    }
}
