//! A library crate with jobs, which programs of the workspace use.

pub mod mail;

/// Two numbers that belong together.
#[jobs::job]
pub fn pair(left: u32, right: u32) -> Result<u64, String> {
    Ok(u64::from(left) + u64::from(right))
}
