//! The statements that only this engine has, beside those of [`sql::statement`](crate::storage::sql::statement).

use super::template::prepare;
use crate::storage::sql::statement::Sql;

macro_rules! own {
    ($($name:ident)*) => {
        /// The engine's own statements.
        pub(super) struct Own { $(pub(super) $name: Sql,)* }

        impl Own {
            pub(super) fn new() -> Self {
                Self { $($name: prepare(include_str!(concat!("sql/", stringify!($name), ".sql"))),)* }
            }
        }
    };
}

own! {
    chunk_gone chunk_gone_events chunk_gone_progress chunk_left chunk_succeeded
    claim_gone claim_take claim_take_suspect
    instance job_store now now_between now_if_changed stat_now
}
