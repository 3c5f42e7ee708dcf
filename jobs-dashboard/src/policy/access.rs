//! What somebody may do.

use std::{collections::BTreeMap, sync::Arc};

/// How much somebody may do, in whole or on one queue. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nothing, not even look.
    #[default]
    None,
    /// Look at everything.
    Read,
    /// Act on jobs, queues and recurring jobs: requeue, delete, pause, run now.
    Operate,
    /// Act on servers and on everything at once.
    Admin,
}

/// Who somebody is and what they may do: what a [`Policy`](crate::Policy) answers for each request.
///
/// ```
/// use jobs_dashboard::{Access, Role};
/// let ann = Access::new("ann", Role::Read).queue("mail", Role::Operate).queue("payroll", Role::None);
/// assert_eq!((ann.on("mail"), ann.on("payroll"), ann.on("default")), (Role::Operate, Role::None, Role::Read));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    who: Arc<str>,
    role: Role,
    queues: BTreeMap<String, Role>,
}

impl Access {
    /// Nobody: they are refused.
    pub fn none() -> Self {
        Self::new("", Role::None)
    }

    /// Somebody by name, as it stands in the audit, and what they may do. Names of more than 200 characters or with control
    /// characters may look and not act.
    pub fn new(who: impl AsRef<str>, role: Role) -> Self {
        Self { who: Arc::from(who.as_ref()), role, queues: BTreeMap::new() }
    }

    /// Another role on this queue, higher or lower than the general one.
    pub fn queue(mut self, queue: impl Into<String>, role: Role) -> Self {
        self.queues.insert(queue.into(), role);
        self
    }

    /// The name.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The general role: on everything that belongs to no queue, and on every queue that has no role of its own.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The role on a queue.
    pub fn on(&self, queue: &str) -> Role {
        self.queues.get(queue).copied().unwrap_or(self.role)
    }

    /// The lowest role on anything.
    pub(crate) fn least(&self) -> Role {
        self.queues.values().copied().min().unwrap_or(self.role).min(self.role)
    }

    /// The highest role on anything.
    pub(crate) fn best(&self) -> Role {
        self.queues.values().copied().max().unwrap_or_default().max(self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_on_a_queue_replaces_the_general_one() {
        let access = Access::new("ann", Role::Read).queue("mail", Role::Admin).queue("payroll", Role::None);
        assert_eq!((access.role(), access.best()), (Role::Read, Role::Admin));
        assert_eq!((access.on("mail"), access.on("payroll"), access.on("x")), (Role::Admin, Role::None, Role::Read));
        assert_eq!((access.least(), Access::new("bob", Role::Read).least()), (Role::None, Role::Read));
        assert_eq!(Access::none().best(), Role::None);
    }

    #[test]
    fn roles_are_ordered() {
        assert!(Role::None < Role::Read && Role::Read < Role::Operate && Role::Operate < Role::Admin);
    }
}
