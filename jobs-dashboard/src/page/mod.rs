//! The pages. Each reads through the client, and draws with the components of `part`.

mod asked;
pub(crate) mod audit;
pub(crate) mod batches;
pub(crate) mod errors;
mod fault;
pub(crate) mod flow;
pub(crate) mod glance;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod kinds;
mod layout;
pub(crate) mod operations;
pub(crate) mod overview;
pub(crate) mod part;
pub(crate) mod preferences;
pub(crate) mod queues;
pub(crate) mod recurring;
pub(crate) mod retries;
pub(crate) mod servers;
pub(crate) mod system;

pub(crate) use self::{
    fault::{fault, words as fault_words},
    layout::{Page, Place},
};
