//! Private database servers, and a browser, for tests. Servers: each in a folder of its own, with durable defaults, and always stopped.
//!
//! ```no_run
//! let installation = jobs_test_servers::find_postgres().into_iter().next().expect("PostgreSQL is installed");
//! let mut server = installation.start(&[])?;
//! println!("{}", server.url());
//! server.kill()?;
//! server.restart()?;
//! # anyhow::Ok(())
//! ```
//!
//! Everything here blocks. Nothing survives: a server that is dropped is stopped and its folder removed, and a process
//! that is killed takes its servers with it (see [`Server`]).

mod account;
mod browser;
mod guardian;
mod installation;
mod mysql;
mod name;
mod postgres;
mod process;
mod server;
mod version;

pub use self::browser::{Chromium, Driver, find_chromium};
pub use self::installation::{Installation, Product, find_mysql, find_postgres};
pub use self::name::fresh_name;
pub use self::server::Server;
pub use self::version::Version;
