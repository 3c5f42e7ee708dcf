//! The statements that only this engine has, beside those of [`sql::statement`](crate::storage::sql::statement).

use super::address::Address;
use crate::storage::sql::statement::{Copied, Sql, Statements, for_all_statements, read_statements};

/// The widths of the columns of `job_copy` and `ready_copy` that hold whole numbers.
const JOB: [u8; 18] = [0, 4, 4, 2, 0, 0, 0, 4, 2, 8, 0, 8, 0, 0, 0, 0, 0, 2];
const READY: [u8; 6] = [4, 2, 0, 4, 0, 0];

for_all_statements!(read_statements);

/// The statements that every engine has, for the address's schema.
pub(super) fn shared(address: &Address) -> Statements {
    let mut all = statements(|text| prepare(address, text));
    let copied = |text: &str, widths| Copied { text: address.statement(text), widths };
    all.job_insert.copied = Some(copied(include_str!("sql/job_copy.sql"), &JOB));
    all.ready_insert.copied = Some(copied(include_str!("sql/ready_copy.sql"), &READY));
    all
}

fn prepare(address: &Address, text: &str) -> Sql {
    Sql::new(address.statement(text)).kept(!address.pooled)
}

macro_rules! own {
    ($($name:ident)*; $($store:ident with $placing:literal)*) => {
        /// The engine's own statements.
        pub(super) struct Own { $(pub(super) $name: Sql,)* $(pub(super) $store: Sql,)* }

        impl Own {
            pub(super) fn new(address: &Address) -> Self {
                Self {
                    $($name: prepare(address, include_str!(concat!("sql/", stringify!($name), ".sql"))),)*
                    $($store: prepare(address, &storing(include_str!(concat!("sql/", $placing, ".sql")))),)*
                }
            }
        }
    };
}

own! {
    claim_take finish_gone finish_kept instance instance_within notify promote_take ready_vacuum stat_fold total_fold xact_id xact_status;
    job_store with "job_place"
    job_store_offered with "job_place_offered"
}

/// What a statement needs only now and then costs each time that it is started: so there are two that store jobs.
fn storing(placing: &str) -> String {
    include_str!("sql/job_store.sql").replace("{placing}", placing.trim())
}
