//! What a server checks before it claims anything, so that a mistake shows at the deploy and not at night.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    codec::Codec,
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
    /// Only these, where some are named.
    pub(crate) only: Option<BTreeSet<String>>,
}

/// Collects the kinds that a server runs.
///
/// # Errors
/// [`Error::Startup`] with everything that is wrong: `problems`, and what is found here.
pub(crate) fn kinds(wanted: &Wanted, states: &States, mut problems: Vec<String>) -> Result<(Registry, Arc<[Arc<str>]>)> {
    let registry = match Registry::collect(&wanted.explicit) {
        Ok(registry) => registry,
        Err(Error::Startup(found)) => {
            problems.extend(found);
            return Err(Error::Startup(problems));
        }
        Err(error) => return Err(error),
    };
    let served: Vec<_> = registry.names().filter(|(name, descriptor)| serves(wanted, name, descriptor)).collect();
    let mut seen = BTreeSet::new();
    for descriptor in served.iter().map(|(_, descriptor)| *descriptor).filter(|found| seen.insert(found.kind)) {
        missing_states(descriptor, states, &mut problems);
        unreadable_layouts(descriptor, &mut problems);
    }
    for kind in wanted.expected.iter().chain(wanted.only.iter().flatten()) {
        if registry.get(kind).is_none() {
            problems.push(format!(
                "the kind `{kind}` is not known; if its crate is named nowhere in the program, it is not linked: write `use that_crate as _;` or call `.register::<J>()`"
            ));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Startup(problems));
    }
    let names = served.iter().map(|(name, _)| Arc::from(*name)).collect();
    Ok((registry, names))
}

fn serves(wanted: &Wanted, name: &str, descriptor: &Descriptor) -> bool {
    wanted.only.as_ref().is_none_or(|only| only.contains(name) || only.contains(descriptor.kind))
}

/// A handler's `#[state]` parameters have a value in the server.
fn missing_states(descriptor: &Descriptor, states: &States, problems: &mut Vec<String>) {
    for state in (descriptor.states)().into_iter().filter(|state| !states.has(state.id)) {
        let Descriptor { kind, place, .. } = descriptor;
        problems.push(format!(
            "the job `{kind}` at {place} borrows the state `{}`, which the server does not have; give it with `.state(value)`",
            state.name
        ));
    }
}

/// What is stored with the default codec can be read back with it.
fn unreadable_layouts(descriptor: &Descriptor, problems: &mut Vec<String>) {
    if descriptor.codec != Codec::Bincode {
        return;
    }
    let Descriptor { kind, place, .. } = descriptor;
    for (what, layout) in [("args", (descriptor.args_layout)()), ("output", (descriptor.output_layout)())] {
        if let Some(why) = layout.unreadable {
            problems.push(format!(
                "the {what} of the job `{kind}` at {place} cannot be read back: {why}; write `#[job(codec = \"json\")]`"
            ));
        }
    }
}
