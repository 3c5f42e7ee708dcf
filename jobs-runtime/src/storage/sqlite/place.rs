//! Whether the file still stands where it was opened. SQLite goes on writing to a file that was deleted or replaced, and what
//! it writes there is lost with the process.

use std::{fs, io, path::PathBuf};

/// The file as it was found when it was opened.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: Option<Identity>,
}

impl Place {
    /// Notes which file stands at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        let file = identity(&path).ok();
        Self { path, file }
    }

    /// # Errors
    /// [`sqlx::Error::Io`] when another file stands there now, or none.
    pub(super) fn check(&self) -> sqlx::Result<()> {
        if self.file.is_none() || identity(&self.path).ok() == self.file {
            return Ok(());
        }
        Err(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "the database file {} was moved, deleted or replaced while the program used it; put it back, or start the \
                 program again",
                self.path.display()
            ),
        )))
    }
}

/// What tells a file from another at the same path.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &std::path::Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Elsewhere only that there is one.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(path: &std::path::Path) -> io::Result<Identity> {
    fs::metadata(path).map(drop)
}
