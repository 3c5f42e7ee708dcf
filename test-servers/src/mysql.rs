//! How a private MariaDB or MySQL is set up, started and recognised as ready.

use std::path::Path;

use anyhow::Result;

use crate::installation::Product;
use crate::process::Signal;
use crate::server::{Place, Recipe, run};

/// Makes the user and the database of the URL. The user may do everything; tests make databases of their own.
const START: &str = include_str!("mysql_start.sql");
const USER: &str = "jobs";
const DATABASE: &str = "jobs";

pub(crate) struct MySql;

impl Recipe for MySql {
    fn users(&self) -> &'static [&'static str] {
        &["mysql", "nobody"]
    }

    fn set_up(&self, place: &Place) -> Result<()> {
        place.write("start.sql", &START.replace("{password}", password(place)))?;
        let mut initializer = place.command(&place.installation.initializer, Signal::Kill);
        initializer.arg("--no-defaults").arg(format!("--datadir={}", place.data().display()));
        if place.installation.product() == Product::MySql {
            initializer.arg("--initialize-insecure");
            return run(initializer, place);
        }
        // Its root may come through the socket only, which is in a folder that nobody else enters.
        initializer.args(["--auth-root-authentication-method=socket", "--skip-test-db"]);
        if let Some(root) =
            place.installation.program.parent().and_then(Path::parent).filter(|root| *root != Path::new("/usr"))
        {
            initializer.arg(format!("--basedir={}", root.display()));
        }
        run(initializer, place)
    }

    fn arguments(&self, place: &Place) -> Vec<String> {
        let path = |name: &str| place.folder.join(name).display().to_string();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--datadir={}", place.data().display()),
            format!("--socket={}", path("socket")),
            format!("--pid-file={}", path("server.pid")),
            format!("--init-file={}", path("start.sql")),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--port={}", place.port),
            "--skip-name-resolve".to_owned(),
            "--max-connections=600".to_owned(),
            "--character-set-server=utf8mb4".to_owned(),
        ];
        if place.installation.product() == Product::MySql {
            arguments.push("--mysqlx=OFF".to_owned());
        }
        arguments
    }

    fn is_ready(&self, _place: &Place, _pid: u32, log: &str) -> bool {
        // It says so after the statements of the first start have run.
        log.contains("ready for connections")
    }

    fn url(&self, place: &Place, database: Option<&str>) -> String {
        let password = match password(place) {
            "" => String::new(),
            password => format!(":{password}"),
        };
        format!("mysql://{USER}{password}@127.0.0.1:{}/{}", place.port, database.unwrap_or(DATABASE))
    }

    fn in_order(&self) -> Signal {
        Signal::Terminate
    }

    /// It has no way to end without writing everything first, which takes a while and is of no use.
    fn at_once(&self) -> Signal {
        Signal::Kill
    }

    fn clean_up(&self, _place: &Place) -> Result<()> {
        Ok(())
    }
}

/// MySQL takes a password over an unencrypted connection only from a client that was built with RSA.
fn password(place: &Place) -> &str {
    match place.installation.product() {
        Product::MySql => "",
        _ => &place.password,
    }
}
