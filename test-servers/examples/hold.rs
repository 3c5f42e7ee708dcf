//! Starts the newest installed server of one kind and holds it until its input ends.
//!
//! ```text
//! cargo run -p jobs-test-servers --example hold -- postgres [ARGUMENTS OF THE SERVER]
//! ```

#![expect(clippy::print_stdout, reason = "a command-line program speaks on its terminal")]

use std::env;
use std::io;

use anyhow::{Context, Result, bail};
use jobs_test_servers::{find_mysql, find_postgres};

fn main() -> Result<()> {
    let words: Vec<_> = env::args().skip(1).collect();
    let installations = match words.first().map(String::as_str) {
        Some("postgres") => find_postgres(),
        Some("mysql") => find_mysql(),
        _ => bail!("usage: hold postgres|mysql [ARGUMENTS OF THE SERVER]"),
    };
    let installation = installations.first().context("no such server is installed")?;
    let arguments: Vec<_> = words[1..].iter().map(String::as_str).collect();
    let server = installation.start(&arguments)?;
    println!("{installation}");
    println!("pid {}", server.pid().context("it runs")?);
    println!("folder {}", server.folder().display());
    println!("url {}", server.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
