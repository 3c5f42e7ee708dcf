//! The dashboard as visitors see it: requests go through the whole router, and the pages are parsed.

mod access;
mod assets;
mod forms;
mod headers;
mod hostile;
mod language;
mod lists;
mod mounting;
mod pages;
mod records;
pub(crate) mod site;
