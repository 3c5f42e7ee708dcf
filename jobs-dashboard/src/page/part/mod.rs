//! Components: what pages are put together from. Each is a function of what it shows.

mod badge;
mod bar;
mod chart;
mod confirm;
mod icon;
mod plain;
mod region;
mod spark;
mod table;
mod time;

#[cfg(test)]
mod tests;

pub(crate) use self::{
    badge::{Tone, badge, class, state},
    bar::{bar, progress},
    chart::{Chart, Series},
    confirm::Confirm,
    icon::{Icon, sprite},
    plain::{clipped, empty, field, line, shown},
    region::{Topic, region, updates},
    spark::spark,
    table::{Column, Pager, Table},
    time::{ago, exact, span},
};
