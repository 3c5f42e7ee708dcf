//! What every request goes through: the beginning of its links, who asks and in what language, headers, forms, faults.

mod base;
mod cookie;
mod fault;
mod form;
mod frame;
mod headers;
mod params;
mod visit;

pub(crate) use self::{
    base::{Base, Link},
    fault::{Fault, Missing},
    form::Form,
    frame::{AsItIs, framed, guarded},
    params::{LONGEST, Params, Segment},
    visit::{Face, Html, Settings, Theme, Visit},
};
pub(crate) use self::{
    cookie::set_cookie,
    visit::{LANGUAGE_COOKIE, THEME_COOKIE},
};
