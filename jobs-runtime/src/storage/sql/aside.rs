//! An engine as those see it who look on, such as pages that people watch: what they ask is read on connections of their own, in limited
//! time, and what they write, but for jobs that they store, is written one after the other, so that however many they are, no worker waits for a connection.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    connection::Connection,
    engine::{Backend, Engine},
    fail::{Fail, Res},
    write::{Read, Shared, Write},
};
use crate::{
    JobId, ServerId,
    error::{Error, Result},
    storage::{Accepted, Chunk, ClaimRequest, Finish, Heart, NewJob, Note, Promoted, SharedStorage, TxConnection},
};

/// How many of those who look on write at once.
const WRITES: usize = 1;

/// An engine, seen from aside.
pub(crate) struct Aside<B> {
    engine: Arc<Engine<B>>,
    writes: Arc<Semaphore>,
    views: AtomicU64,
}

impl<B: Backend> Aside<B> {
    pub(crate) fn of(engine: Arc<Engine<B>>) -> SharedStorage {
        Arc::new(Engine(Self { engine, writes: Arc::new(Semaphore::new(WRITES)), views: AtomicU64::default() }))
    }

    /// The turn of one write. It goes along with the write, which ends by itself also where the caller has gone.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.writes).acquire_owned().await.ok()
    }

    fn backend(&self) -> &B {
        &self.engine.0
    }
}

impl<B: Backend> Backend for Aside<B> {
    const NAME: &'static str = B::NAME;
    const SCHEMA: i64 = B::SCHEMA;
    const NAMES_BESIDE: bool = B::NAMES_BESIDE;
    const LANES: usize = B::LANES;

    fn shared(&self) -> &Shared {
        self.backend().shared()
    }

    async fn write<T, F>(&self, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        let turn = self.turn().await;
        let done = self.backend().write(what, move |write| {
            let _turn = &turn;
            run(write)
        });
        done.await
    }

    async fn repeat<T, F>(&self, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        let turn = self.turn().await;
        let done = self.backend().repeat(what, move |write| {
            let _turn = &turn;
            run(write)
        });
        done.await
    }

    fn read<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.views.fetch_add(1, Ordering::Relaxed);
        self.backend().view(what, run)
    }

    fn view<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.read(what, run)
    }

    fn aside(engine: Arc<Engine<Self>>) -> SharedStorage {
        engine
    }

    fn views(&self) -> u64 {
        self.views.load(Ordering::Relaxed)
    }

    fn insert(&self, jobs: Arc<[NewJob]>) -> impl Future<Output = Result<Vec<bool>>> + Send {
        self.backend().insert(jobs)
    }

    fn finish(&self, server: ServerId, ends: Vec<Finish>) -> impl Future<Output = Result<Vec<Accepted>>> + Send {
        self.backend().finish(server, ends)
    }

    fn claim(&self, request: ClaimRequest) -> impl Future<Output = Result<Vec<Chunk>>> + Send {
        self.backend().claim(request)
    }

    fn promote(&self, limit: u32) -> impl Future<Output = Result<Promoted>> + Send {
        self.backend().promote(limit)
    }

    fn fold(&self) -> impl Future<Output = Result<u64>> + Send {
        self.backend().fold()
    }

    fn enter<'c>(&self, tx: TxConnection<'c>) -> impl Future<Output = Result<&'c mut dyn Connection>> + Send {
        self.backend().enter(tx)
    }

    fn noted(&self, notes: &[Note]) {
        self.backend().noted(notes);
    }

    fn entered(&self, job: JobId) {
        self.backend().entered(job);
    }

    fn seen(&self, job: JobId) {
        self.backend().seen(job);
    }

    fn error(&self, fail: Fail, what: &'static str) -> Error {
        self.backend().error(fail, what)
    }

    fn heart(&self) -> impl Future<Output = Result<Box<dyn Heart>>> + Send {
        self.backend().heart()
    }
}
