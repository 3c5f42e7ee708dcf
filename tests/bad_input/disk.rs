//! Disks that are full or may not be written: small file systems in memory, which only the superuser can mount.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use jobs::{Client, Error, prelude::*};
use tempfile::TempDir;

use crate::{
    Diary, Gate, Lent, assert_says,
    common::{assert_sound, count, until, until_count},
    serve, told,
};

/// A file system of 4 MiB of its own; gone when this is dropped.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// `None` where this may not be done, which is then said.
    fn new(test: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if let Err(reason) = mount(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"], folder.path()) {
            println!("LEFT OUT: {test}: no file system can be mounted: {reason}");
            return None;
        }
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path("jobs.db").display())
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = File::create(self.path("filler")).unwrap();
        let full = loop {
            if let Err(error) = filler.write_all(&[0; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    }

    fn free(&self) {
        std::fs::remove_file(self.path("filler")).unwrap();
    }

    /// `ro` or `rw`; refused while a file is open for writing.
    fn remount(&self, mode: &str) -> Result<(), String> {
        mount(&["-o", &format!("remount,{mode}")], self.folder.path())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because a connection may take a moment to close its files.
        let done = Command::new("umount").arg("-l").arg(self.folder.path()).status();
        assert!(done.is_ok_and(|done| done.success()) || std::thread::panicking(), "it cannot be unmounted");
    }
}

fn mount(arguments: &[&str], folder: &Path) -> Result<(), String> {
    let done = Command::new("mount").args(arguments).arg(folder).stdin(Stdio::null()).output();
    let done = done.map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()) }
}

#[job]
async fn keep(#[state] diary: &Diary, data: String) -> Result<usize, &'static str> {
    diary.note(data.len().to_string());
    Ok(data.len())
}

#[job]
async fn wait_there(#[state] gate: &Gate, #[state] diary: &Diary, number: u32) -> Result<String, &'static str> {
    gate.0.acquire().await.unwrap().forget();
    diary.note(number.to_string());
    Ok("x".repeat(2_000))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_on_the_disk_is_refused_whole_and_the_rest_runs() {
    let Some(disk) = Disk::new("what_does_not_fit_on_the_disk_is_refused_whole_and_the_rest_runs") else { return };
    let (client, lent) = (Client::connect(&disk.url()).await.unwrap(), Lent::new());
    let server = lent.to(&client).start().await.unwrap();
    keep::enqueue("x".repeat(10_000)).on(&client).await.unwrap().output().await.unwrap();

    disk.fill();
    let (one, many) = (JobId::new(), (0..50).map(|_| keep::new("x".repeat(1_000))));
    let error = keep::enqueue("x".repeat(10_000)).id(one).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Full(_)) && error.is_transient(), "{error:?}");
    assert_says(&told(&error), &["the disk is full", "nothing was stored"]);
    assert!(matches!(client.enqueue_all(many).await.unwrap_err(), Error::Full(_)));
    assert!(matches!(client.job(one).record().await.unwrap_err(), Error::NoJob(_)), "no half of it is there");
    assert_eq!(lent.diary.lines().len(), 1);
    assert_sound(&client).await;

    disk.free();
    let again = keep::enqueue("x".repeat(10_000)).id(one).on(&client).await.unwrap();
    assert!(again.is_new());
    assert_eq!(again.output().await.unwrap(), 10_000, "the same server goes on");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_wait_until_the_disk_has_room_for_them() {
    const JOBS: u32 = 2;
    let Some(disk) = Disk::new("results_wait_until_the_disk_has_room_for_them") else { return };
    let (client, lent) = (Client::connect(&disk.url()).await.unwrap(), Lent::new());
    let server = lent.to(&client).start().await.unwrap();
    client.enqueue_all((0..JOBS * 5).map(wait_there::new)).await.unwrap();
    until("two jobs to run", || async { (server.running() == JOBS as usize).then_some(()) }).await;
    until_count(&client, State::Processing, i64::from(JOBS)).await;

    disk.fill();
    lent.gate.0.add_permits(JOBS as usize);
    until("the handlers to end", || async { (lent.diary.lines().len() == JOBS as usize).then_some(()) }).await;
    until("the slots to be free", || async { (server.running() == 0).then_some(()) }).await;
    // What holds for a write of our own holds for the results.
    let error = keep::enqueue("x".repeat(10_000)).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Full(_)), "{error:?}");
    assert_eq!(count(&client, State::Succeeded).await, 0, "there is no room for a result");

    disk.free();
    lent.gate.0.add_permits(JOBS as usize * 4);
    until_count(&client, State::Succeeded, i64::from(JOBS) * 5).await;
    server.stop().await;
    let mut ran = lent.diary.lines();
    ran.sort();
    assert_eq!(ran, (0..JOBS * 5).map(|number| number.to_string()).collect::<Vec<_>>(), "each has run once");
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_does_not_begin_on_a_full_disk() {
    let Some(disk) = Disk::new("a_database_does_not_begin_on_a_full_disk") else { return };
    disk.fill();
    let error = Client::connect(&disk.url()).await.unwrap_err();
    assert!(matches!(error, Error::Full(_)), "{error:?}");
    disk.free();
    let client = Client::connect(&disk.url()).await.unwrap();
    let server = serve(&client).await;
    assert_eq!(keep::enqueue("data").on(&client).await.unwrap().output().await.unwrap(), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_written_is_refused_at_the_start() {
    let Some(disk) = Disk::new("a_file_that_may_not_be_written_is_refused_at_the_start") else { return };
    let job = {
        let client = Client::connect(&disk.url()).await.unwrap();
        keep::enqueue("data").on(&client).await.unwrap().id()
    };
    // The client closes its files in the background.
    until("the files to be closed", || async { disk.remount("ro").ok() }).await;
    let error = Client::connect(&disk.url()).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly(_)), "{error:?}");
    assert_says(&told(&error), &["jobs.db", "cannot be written", "permissions of the file and its folder"]);

    disk.remount("rw").unwrap();
    let client = Client::connect(&disk.url()).await.unwrap();
    let server = serve(&client).await;
    assert_eq!(client.job(job).wait().await.unwrap(), State::Succeeded);
    server.stop().await;
}
