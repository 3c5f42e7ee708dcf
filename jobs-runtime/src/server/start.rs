//! What a server checks before it claims anything, so that a mistake shows at the deploy and not at night.

use std::collections::BTreeSet;

use crate::{
    context::States,
    error::{Error, Result},
    job::Descriptor,
    registry::Registry,
};

/// What the builder was told about kinds.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) explicit: Vec<&'static Descriptor>,
    pub(crate) expected: Vec<String>,
    /// Only these, by name or alias, where some are named.
    pub(crate) only: Option<BTreeSet<String>>,
}

impl Wanted {
    fn serves(&self, descriptor: &Descriptor) -> bool {
        let Some(only) = &self.only else { return true };
        std::iter::once(&descriptor.kind).chain(descriptor.aliases).any(|name| only.contains(*name))
    }
}

/// Collects the kinds that a server runs.
///
/// # Errors
/// [`Error::Startup`] with everything that is wrong: `problems`, and what is found here.
pub(crate) fn kinds(wanted: &Wanted, states: &States, mut problems: Vec<String>) -> Result<Registry> {
    let collected = Registry::collect_where(&wanted.explicit, |descriptor| wanted.serves(descriptor));
    // Where kinds clash there is no registry to check.
    let Some(registry) = gather(collected, &mut problems)? else { return Err(Error::Startup(problems)) };
    let expected = wanted.expected.iter().chain(wanted.only.iter().flatten());
    let expected: Vec<&str> = expected.map(String::as_str).collect();
    gather(registry.check(&expected, |state| states.has(state)), &mut problems)?;
    if problems.is_empty() { Ok(registry) } else { Err(Error::Startup(problems)) }
}

/// Adds what is wrong to `problems`; other errors go to the caller.
fn gather<T>(result: Result<T>, problems: &mut Vec<String>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Startup(found)) => {
            problems.extend(found);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
