//! Every server installed here starts, survives a restart and a kill at the same address, and leaves nothing behind.

#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "a test that this machine cannot run says so")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jobs_test_servers::{Installation, Product, Server, find_mysql, find_postgres, fresh_name};
use sqlx::{Connection, MySqlConnection, PgConnection, Row};

/// How long a fact that must come is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to either kind of server.
enum Link {
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl Link {
    async fn open(server: &Server, database: Option<&str>) -> sqlx::Result<Self> {
        let url = database.map_or_else(|| server.url(), |name| server.url_of(name));
        Ok(match server.product() {
            Product::Postgres => Self::Postgres(PgConnection::connect(&url).await?),
            Product::MariaDb | Product::MySql => Self::MySql(MySqlConnection::connect(&url).await?),
        })
    }

    async fn run(&mut self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement);
        match self {
            Self::Postgres(link) => sqlx::raw_sql(statement).execute(link).await.map(drop),
            Self::MySql(link) => sqlx::raw_sql(statement).execute(link).await.map(drop),
        }
        .unwrap();
    }

    /// The first column of the only row.
    async fn ask(&mut self, query: &'static str) -> String {
        match self {
            Self::Postgres(link) => sqlx::query(query).fetch_one(link).await.unwrap().get(0),
            Self::MySql(link) => sqlx::query(query).fetch_one(link).await.unwrap().get(0),
        }
    }
}

#[tokio::test]
async fn every_postgres_comes_back_and_leaves_nothing() {
    let installations = find_postgres();
    if installations.is_empty() {
        println!("LEFT OUT: every_postgres_comes_back_and_leaves_nothing: PostgreSQL is not installed");
    }
    for installation in installations {
        let mut server = installation.start(&["-c", "work_mem=5MB"]).unwrap();
        let mut link = Link::open(&server, None).await.unwrap();
        assert_eq!(link.ask("SELECT current_setting('work_mem')").await, "5MB");
        assert_eq!(link.ask("SELECT current_setting('fsync')").await, "on");
        assert_eq!(link.ask("SELECT current_setting('server_encoding')").await, "UTF8");
        assert!(link.ask("SELECT current_setting('server_version')").await.starts_with(&server.version().to_string()));
        assert_comes_back(&mut server).await;
        assert_leaves_nothing(server, false);
        assert_leaves_nothing(installation.start(&[]).unwrap(), true);
    }
}

#[tokio::test]
async fn every_mysql_comes_back_and_leaves_nothing() {
    let installations = find_mysql();
    if installations.is_empty() {
        println!("LEFT OUT: every_mysql_comes_back_and_leaves_nothing: neither MariaDB nor MySQL is installed");
    }
    for installation in installations {
        let mut server = installation.start(&["--lock-wait-timeout=77"]).unwrap();
        let mut link = Link::open(&server, None).await.unwrap();
        assert_eq!(link.ask("SELECT CONCAT(@@lock_wait_timeout)").await, "77");
        assert_eq!(link.ask("SELECT CONCAT(@@innodb_flush_log_at_trx_commit)").await, "1");
        assert_eq!(link.ask("SELECT CONCAT(@@max_connections)").await, "600");
        assert_eq!(link.ask("SELECT @@character_set_database").await, "utf8mb4");
        assert_eq!(Path::new(&link.ask("SELECT @@tmpdir").await), server.folder(), "shared with no other server");
        assert!(link.ask("SELECT VERSION()").await.starts_with(&server.version().to_string()));
        assert_comes_back(&mut server).await;
        assert_leaves_nothing(server, false);
        assert_leaves_nothing(installation.start(&[]).unwrap(), true);
    }
}

#[test]
fn a_killed_owner_takes_its_servers_with_it() {
    for (kind, installations) in [("postgres", find_postgres()), ("mysql", find_mysql())] {
        if installations.is_empty() {
            println!("LEFT OUT: a_killed_owner_takes_its_servers_with_it: no {kind} is installed");
            continue;
        }
        let mut owner = Owner::start(kind);
        assert!(is_alive(owner.server));
        assert!(owner.folder.exists());
        assert_eq!(owner.child.try_wait().unwrap(), None, "it holds the server");
        owner.child.kill().unwrap();
        owner.child.wait().unwrap();
        until("the server to end", || !is_alive(owner.server));
        until("the folder to go", || !owner.folder.exists());
    }
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    for installation in find_postgres().into_iter().chain(find_mysql()) {
        let server = thread::spawn(move || installation.start(&[]).unwrap()).join().unwrap();
        // The system would send its signal at the end of the thread, which has come.
        thread::sleep(Duration::from_millis(300));
        assert!(is_alive(server.pid().unwrap()));
        assert!(TcpStream::connect(("127.0.0.1", server.port())).is_ok());
    }
}

#[test]
fn servers_start_beside_each_other() {
    for installations in [find_postgres(), find_mysql()] {
        let Some(installation) = installations.into_iter().next() else { continue };
        let starts: Vec<_> =
            (0..4).map(|_| installation.clone()).map(|one| thread::spawn(move || one.start(&[]))).collect();
        let servers: Vec<_> = starts.into_iter().map(|start| start.join().unwrap().unwrap()).collect();
        for server in &servers {
            assert!(TcpStream::connect(("127.0.0.1", server.port())).is_ok());
        }
    }
}

#[test]
fn a_port_that_is_in_use_is_waited_for() {
    for installation in find_postgres().into_iter().chain(find_mysql()) {
        let mut server = installation.start(&[]).unwrap();
        let port = server.port();
        server.stop().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let freed = thread::spawn(move || {
            thread::sleep(Duration::from_secs(2));
            drop(listener);
        });
        server.restart().unwrap();
        assert!(freed.is_finished(), "{installation} came back while somebody else had its port");
        freed.join().unwrap();
        assert_eq!(server.port(), port);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    }
}

#[test]
fn a_failed_start_shows_the_log_and_leaves_nothing() {
    let refused = |installation: &Installation, arguments: &[&str], words: &str| {
        let error = installation.start(arguments).err().expect("the server refuses the argument");
        let text = format!("{error:#}");
        assert!(text.contains(words), "{text}");
    };
    for installation in find_postgres() {
        refused(&installation, &["-c", "no_such_setting=1"], "unrecognized configuration parameter");
    }
    for installation in find_mysql() {
        refused(&installation, &["--no-such-setting=1"], "unknown variable");
    }
}

async fn assert_comes_back(server: &mut Server) {
    let (url, database) = (server.url(), fresh_name("comes back"));
    let mut link = Link::open(server, None).await.unwrap();
    link.run(&format!("CREATE DATABASE {database}")).await;
    let mut link = Link::open(server, Some(&database)).await.unwrap();
    link.run("CREATE TABLE note (text VARCHAR(40) NOT NULL)").await;
    link.run("INSERT INTO note VALUES ('Grüße')").await;

    server.restart().unwrap();
    assert_kept(server, &url, &database).await;

    let pid = server.pid().unwrap();
    let mut link = Link::open(server, Some(&database)).await.unwrap();
    link.run("UPDATE note SET text = CONCAT(text, '!')").await;
    server.kill().unwrap();
    assert!(!is_alive(pid));
    assert_eq!(server.pid(), None);
    assert!(Link::open(server, None).await.is_err());
    server.restart().unwrap();
    assert_kept(server, &url, &database).await;

    server.stop().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
    server.restart().unwrap();
    let mut link = Link::open(server, Some(&database)).await.unwrap();
    assert_eq!(link.ask("SELECT text FROM note").await, "Grüße!");
}

async fn assert_kept(server: &Server, url: &str, database: &str) {
    assert_eq!(server.url(), url);
    let mut link = Link::open(server, Some(database)).await.unwrap();
    assert!(link.ask("SELECT text FROM note").await.starts_with("Grüße"));
}

fn assert_leaves_nothing(mut server: Server, is_killed: bool) {
    // Passwords are in there.
    assert_eq!(server.folder().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let (pid, port, folder) = (server.pid().unwrap(), server.port(), server.folder().to_owned());
    let memory = shared_memory(&folder);
    assert_eq!(memory.is_some(), server.product() == Product::Postgres);
    if is_killed {
        server.kill().unwrap();
    }
    drop(server);
    assert!(!is_alive(pid));
    assert!(!folder.exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    let left = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let left = left.lines().find(|line| line.split_whitespace().nth(1) == memory.as_deref());
    assert_eq!(left.filter(|_| memory.is_some()), None);
}

/// The shared memory that a PostgreSQL in this folder says it has.
fn shared_memory(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    text.lines().nth(6)?.split_whitespace().nth(1).map(str::to_owned)
}

/// A process that holds a server.
struct Owner {
    child: Child,
    /// Its output: while it is read, the process can write.
    _output: Lines<BufReader<ChildStdout>>,
    server: u32,
    folder: PathBuf,
}

impl Owner {
    fn start(kind: &str) -> Self {
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("examples/hold");
        let mut command = Command::new(&program);
        command.arg(kind).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut fact = |name: &str| {
            let mut lines = output.by_ref().map(Result::unwrap);
            lines.find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap()
        };
        let (server, folder) = (fact("pid ").parse().unwrap(), fact("folder ").into());
        Self { child, _output: output, server, folder }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One that has ended and that nobody has waited for does not live.
fn is_alive(pid: u32) -> bool {
    let script = "kill -0 \"$1\" && ! grep -q '^State:[[:space:]]*Z' \"/proc/$1/status\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", &pid.to_string()]).stderr(Stdio::null());
    command.status().expect("sh can be started").success()
}

fn until(what: &str, mut fact: impl FnMut() -> bool) {
    let start = Instant::now();
    while !fact() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
