//! One rival each, at its best settings; `README.md` of the rivals says where those are from.

pub mod apalis;
pub mod apalis_sqlite;
pub mod graphile_worker;
