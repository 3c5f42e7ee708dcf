//! The statements that only this engine has, beside those of [`sql::statement`](crate::storage::sql::statement).

use super::address::Address;
use crate::storage::sql::statement::{Sql, Statements, for_all_statements, read_statements};

for_all_statements!(read_statements);

/// The statements that every engine has, for the address's schema.
pub(super) fn shared(address: &Address) -> Statements {
    statements(|text| prepare(address, text))
}

fn prepare(address: &Address, text: &str) -> Sql {
    Sql::new(address.statement(text)).kept(!address.pooled)
}

macro_rules! own {
    ($($name:ident)*) => {
        /// The engine's own statements.
        pub(super) struct Own { $(pub(super) $name: Sql,)* }

        impl Own {
            pub(super) fn new(address: &Address) -> Self {
                Self { $($name: prepare(address, include_str!(concat!("sql/", stringify!($name), ".sql"))),)* }
            }
        }
    };
}

own! { claim_take instance instance_within job_store notify ready_vacuum stat_fold total_fold xact_id xact_status }
