//! What the program can be told on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, ValueEnum};

/// The back office of a web shop: sends its mails, writes its reports, backs up its data.
#[derive(Debug, Parser)]
#[command(name = "shop")]
pub(crate) struct Options {
    /// What this process does. Several may share a folder and a database of jobs.
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) role: Role,

    /// Where everything is kept: the shop's data, the jobs, mails, reports and backups.
    #[arg(long, value_name = "FOLDER", default_value = "shop-data")]
    pub(crate) folder: PathBuf,

    /// Take customers from this CSV file with the columns name, email and city, instead of making some up.
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Option<PathBuf>,

    /// How many new customers register and order something while the program runs.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(..=5000))]
    pub(crate) new_customers: u16,

    /// Invite only the N best customers to the campaign, instead of all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) invite: Option<u32>,

    /// End by itself, instead of at Ctrl-C or SIGTERM; the exit code is 1 when a job failed of which the office was not told.
    ///
    /// A web ends when it has enqueued everything; any other role when no job is left that its kinds and queues could run, and
    /// no web is in the midst of its day. In a new folder a worker waits for the first web; elsewhere, if it has run nothing yet, for
    /// ten seconds.
    #[arg(long)]
    pub(crate) exit_when_idle: bool,

    /// The database of the jobs, such as sqlite://jobs.db, postgres://user@host/shop or mysql://user@host/shop; a file in the
    /// folder, unless said here.
    #[arg(long, value_name = "URL", env = "JOBS_URL", hide_env_values = true)]
    pub(crate) jobs_url: Option<String>,

    /// Where a web, or a process that does everything, serves the dashboard.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) dashboard: SocketAddr,

    /// Serve no dashboard.
    #[arg(long)]
    pub(crate) no_dashboard: bool,

    /// The mail server, such as smtps://user:password@mail.example.org; without it, mails are files in the folder.
    #[arg(long, value_name = "URL", env = "SMTP_URL", hide_env_values = true)]
    pub(crate) smtp_url: Option<String>,

    /// Let every request to a supplier fail, to see what becomes of a job whose attempts are used up.
    #[arg(long)]
    pub(crate) feed_always_fails: bool,
}

/// Which part of the work a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Serves customers, and enqueues the jobs that they cause.
    Web,
    /// Runs jobs.
    Worker,
    /// Does both.
    All,
}

impl Options {
    pub(crate) fn jobs_url(&self) -> String {
        self.jobs_url.clone().unwrap_or_else(|| {
            let path = self.folder.join("jobs.db").display().to_string();
            // In a URL these two have a meaning, in the name of a folder they have none.
            format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F"))
        })
    }
}
