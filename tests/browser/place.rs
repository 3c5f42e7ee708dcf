//! The shop, running, and a driver of browsers.

use std::{path::Path, process::Stdio};

use jobs::Client;
use jobs_test_servers::{Driver, find_chromium};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    common::example_path,
    session::{PATIENCE, Session},
};

/// A shop of its own.
pub(crate) struct Place {
    driver: Driver,
    base: String,
    pub(crate) client: Client,
    _shop: Child,
    _folder: TempDir,
}

impl Place {
    /// Opens it, and waits until its day is over; `None`, with a word about it, where no browser is installed.
    pub(crate) async fn open(test: &str, arguments: &[&str]) -> Option<Self> {
        let Some(chromium) = find_chromium() else {
            println!("LEFT OUT: {test}: no chromium with chromedriver is installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(example_path("shop"));
        command.arg("--folder").arg(folder.path()).args(["--dashboard", "127.0.0.1:0"]).args(arguments);
        command.env_remove("SMTP_URL").env_remove("JOBS_URL").env("RUST_LOG", "off");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut shop = command.spawn().unwrap();
        let mut lines = BufReader::new(shop.stdout.take().unwrap()).lines();
        let mut base = None;
        while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("the shop goes on").unwrap() {
            if let Some((_, address)) = line.split_once("the dashboard is at ") {
                base = Some(address.to_owned());
            }
            if line.contains("enqueued") {
                break;
            }
        }
        // What it says later must go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let client = Client::connect(&url(folder.path())).await.unwrap();
        let driver = tokio::task::spawn_blocking(move || chromium.start()).await.unwrap().unwrap();
        Some(Self { driver, base: base.expect("the shop says where"), client, _shop: shop, _folder: folder })
    }

    /// What starts browsers.
    pub(crate) fn driver(&self) -> &Driver {
        &self.driver
    }

    /// A new browser at the shop's dashboard.
    pub(crate) async fn browser(&self) -> Session {
        Session::open(&self.driver, &*self.base).await
    }
}

fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("jobs.db").display())
}
