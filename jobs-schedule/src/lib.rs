//! To be replaced by the branch `schedule`.
#![allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Misfire {
    #[default]
    Once,
    Skip,
    All {
        cap: u32,
    },
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Overlap {
    #[default]
    Allow,
    Skip,
}
