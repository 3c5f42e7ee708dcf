//! Cleans up after a test run that was killed: a small process that outlives it by a moment.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::process::Signal;

/// Waits for the end of its input, which comes when its owner ends in whatever way; then stops the server whose number
/// is in the folder, and removes the folder. An owner that ends in good order has done both. A server that has ended, and
/// that nobody has waited for yet, still has its number, so its state is asked for where the system tells it.
const SCRIPT: &str = r#"
trap '' INT TERM HUP QUIT
cd /
read -r line
if [ -f "$1/pid" ]; then
    pid=$(cat "$1/pid")
    kill -s "$2" "$pid"
    tries=0
    while kill -0 "$pid" && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s KILL "$pid"
fi
rm -rf "$1"
"#;

pub(crate) struct Guardian(Child);

impl Guardian {
    /// Guards `folder`, and the server whose number is in the file `pid` there.
    pub(crate) fn start(folder: &Path, at_end: Signal) -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "jobs-test-guardian"]).arg(folder).arg(at_end.name());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // What a terminal sends to the tests is not for the guardian.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(Self).context("cannot start sh")
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
