//! The kinds that this program knows.

use std::{any::TypeId, collections::BTreeMap, fmt};

use crate::{
    codec::Codec,
    error::{Error, Result},
    job::{Descriptor, Layout},
};

/// The kinds that a server can run, by name and alias.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    kinds: BTreeMap<&'static str, &'static Descriptor>,
}

impl Registry {
    /// The kinds that `#[job]` registered in the crates that are linked into this program, and those named explicitly, where
    /// `serves` says yes to them: others cannot clash.
    ///
    /// # Errors
    /// [`Error::Startup`] naming both places of every kind, alias or recurring id that is there twice.
    pub(crate) fn collect_where(
        explicit: &[&'static Descriptor],
        serves: impl Fn(&Descriptor) -> bool,
    ) -> Result<Self> {
        let linked = inventory::iter::<&'static Descriptor>.into_iter().copied();
        let (registry, clashes) = Self::build(linked.chain(explicit.iter().copied()).filter(|found| serves(found)));
        if clashes.is_empty() { Ok(registry) } else { Err(Error::Startup(clashes)) }
    }

    /// All kinds, for showing stored jobs: of two that clash, the one whose place sorts first. Never for running jobs.
    pub(crate) fn for_display(explicit: &[&'static Descriptor]) -> Self {
        let linked = inventory::iter::<&'static Descriptor>.into_iter().copied();
        Self::build(linked.chain(explicit.iter().copied())).0
    }

    /// The registry, and one sentence for each name that two jobs claim.
    fn build(found: impl Iterator<Item = &'static Descriptor>) -> (Self, Vec<String>) {
        let mut sorted: Vec<_> = found.collect();
        // The linker's order is no order. A job that is registered twice, by its crate and by name, is one job; comparing
        // addresses would not tell, because a constant may have several.
        let key = |job: &&Descriptor| (job.kind, job.place.file, job.place.line, job.place.module);
        sorted.sort_by_key(key);
        sorted.dedup_by_key(|job| key(job));

        let mut kinds: BTreeMap<&'static str, &'static Descriptor> = BTreeMap::new();
        let mut clashes = Vec::new();
        let kinds_first = sorted.iter().map(|job| (job.kind, *job));
        let then_aliases = sorted.iter().flat_map(|job| job.aliases.iter().map(|alias| (*alias, *job)));
        for (name, job) in kinds_first.chain(then_aliases) {
            let first = *kinds.entry(name).or_insert(job);
            if !std::ptr::eq(first, job) {
                clashes.push(format!(
                    "two jobs have the kind `{name}`: {} and {}; give one of them another `name = \"..\"` or alias",
                    first.place, job.place
                ));
            }
        }

        let mut recurring: BTreeMap<&'static str, &'static Descriptor> = BTreeMap::new();
        for (job, definition) in sorted.iter().flat_map(|job| job.recurring.iter().map(move |each| (*job, each))) {
            if let Some(first) = recurring.insert(definition.id, job) {
                clashes.push(format!(
                    "two recurring jobs have the id `{}`: {} and {}; give one of them another `id = \"..\"`",
                    definition.id, first.place, job.place
                ));
            }
        }
        (Self { kinds }, clashes)
    }

    /// Checks everything that must hold before a server may claim jobs of these kinds, and reports all that does not: that
    /// the `expected` kinds are there, that `has_state` every type that a job borrows, and that what a job writes can be
    /// read back.
    ///
    /// # Errors
    /// [`Error::Startup`] with a sentence for each.
    pub(crate) fn check(&self, expected: &[&str], has_state: impl Fn(TypeId) -> bool) -> Result<()> {
        let missing = expected.iter().filter(|kind| self.get(kind).is_none()).map(|kind| {
            format!(
                "the expected kind `{kind}` is not in this program; name its crate in code (`use its_crate as _;`), so that it \
                 is linked, or register the job with `.register::<its_crate::job>()`"
            )
        });
        let states = self.jobs().flat_map(|job| {
            let missing = (job.states)().into_iter().filter(|state| !has_state(state.id));
            missing.map(|state| {
                format!(
                    "job `{}` ({}) borrows `{}`, and the server was given none; add `.state(value)` with one",
                    job.kind, job.place, state.name
                )
            })
        });
        let unreadable = self.jobs().filter(|job| job.codec == Codec::Bincode).flat_map(|job| {
            let args = unreadable(job, "args", &(job.args_layout)());
            let output = unreadable(job, "output", &(job.output_layout)());
            args.into_iter().chain(output)
        });
        let faults: Vec<_> = missing.chain(states).chain(unreadable).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Startup(faults)) }
    }

    /// The descriptor of a kind or of an alias.
    pub(crate) fn get(&self, kind: &str) -> Option<&'static Descriptor> {
        self.kinds.get(kind).copied()
    }

    /// Every kind and alias, sorted, each with its descriptor.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'static str, &'static Descriptor)> + '_ {
        self.kinds.iter().map(|(name, descriptor)| (*name, *descriptor))
    }

    /// Every job once, by kind.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &'static Descriptor> + '_ {
        self.names().filter(|(name, job)| *name == job.kind).map(|(_, job)| job)
    }
}

/// The kinds for the log of a start-up, each with its aliases: `mail::send (also mail::send_mail), report`.
impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kinds.is_empty() {
            return f.write_str("none");
        }
        for (n, job) in self.jobs().enumerate() {
            let separator = if n == 0 { "" } else { ", " };
            write!(f, "{separator}{}", job.kind)?;
            if !job.aliases.is_empty() {
                write!(f, " (also {})", job.aliases.join(", "))?;
            }
        }
        Ok(())
    }
}

fn unreadable(job: &Descriptor, part: &str, layout: &Layout) -> Option<String> {
    let why = layout.unreadable.as_ref()?;
    Some(format!(
        "the {part} of job `{}` ({}) cannot be read back from bincode: {why}; write `#[job(codec = \"json\")]`",
        job.kind, job.place
    ))
}

#[cfg(test)]
mod tests;
