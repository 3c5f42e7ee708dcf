//! One rival each, at its best settings; `README.md` of the rivals says where those are from.

pub mod awa;
pub mod azums;
pub mod fang;
pub mod later;
pub mod sqlxmq;
pub mod underway;
