//! The dashboard as visitors see it: requests go through the whole router, and the pages are parsed.

mod access;
mod api;
mod assets;
mod faults;
mod filled;
mod forms;
mod headers;
mod hostile;
mod jobs;
mod language;
mod lists;
mod metrics;
mod mounting;
mod pages;
mod records;
mod recurring;
mod redaction;
mod retries;
pub(crate) mod site;
mod states;
mod steering;
