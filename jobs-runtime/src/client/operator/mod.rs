//! The gateway of operators: every act of the pages, the API and the command line goes through it, and is noted in the
//! transaction that carries it out.

mod bulk;
mod jobs;
mod rest;

use std::sync::Arc;

use serde_json::Value;

use super::Client;
use crate::{
    Error, Result,
    storage::{Acted, AuditFilter, AuditRecord, Deed, Signature, Target, Verb, Via},
};

/// The longest name of an actor, in characters.
const ACTOR_LIMIT: usize = 200;

/// Who acts, and from where: the name of a person or a program as the owner's policy tells it.
///
/// ```
/// use jobs::{Actor, Via};
/// let actor = Actor::new("ann@example.org", Via::Page);
/// assert_eq!((actor.name(), actor.via()), ("ann@example.org", Via::Page));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    name: Arc<str>,
    via: Via,
}

impl Actor {
    /// An actor by its name: 1 to 200 characters, no control characters, which the first act checks.
    pub fn new(name: impl AsRef<str>, via: Via) -> Self {
        Self { name: Arc::from(name.as_ref()), via }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From where.
    pub fn via(&self) -> Via {
        self.via
    }
}

/// What an actor does: made by [`Client::by`]. Each act is noted with its actor, reason and outcome, in the transaction that
/// carries it out; also one that is refused, or whose target is missing.
///
/// Whether the actor may do it is for the caller to decide, before the act.
///
/// # Errors
/// Every act gives [`Error::Config`] for an actor without a name, and what the engine says; and beside that what its own section
/// says.
///
/// # Cancel safety
/// Dropping an act's future before its first poll does nothing; later the act is carried out and noted, or neither.
///
/// ```
/// # use jobs::{prelude::*, Acted, Actor, AuditFilter, Via};
/// # #[job] async fn greet() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # let id = greet::enqueue().on(&client).await?.id();
/// let ann = client.by(Actor::new("ann", Via::Page)).because("a trial");
/// assert!(ann.delete(id).await?);
/// let acts = client.audit(AuditFilter::default()).await?;
/// assert_eq!((&*acts[0].actor, &*acts[0].reason, acts[0].outcome), ("ann", "a trial", Acted::Done));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Operator {
    client: Client,
    actor: Actor,
    reason: String,
}

impl Client {
    /// Acts in the name of somebody, so that it is noted.
    pub fn by(&self, actor: Actor) -> Operator {
        Operator { client: self.clone(), actor, reason: String::new() }
    }

    /// What operators did, newest first; values in its details whose names the client's [`Redaction`](crate::Redaction) hides are left out.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>> {
        let mut acts = self.storage().audit_list(filter).await?;
        // What was noted before a name was hidden must not be shown either.
        for act in &mut acts {
            act.detail = act.detail.take().map(|detail| self.redaction().covered(detail));
        }
        Ok(acts)
    }
}

impl AuditFilter {
    /// The newest 50 acts.
    pub fn new() -> Self {
        Self { actor: None, act: None, target: None, before: None, limit: 50 }
    }

    /// Only acts of this actor.
    pub fn actor(mut self, name: impl Into<String>) -> Self {
        self.actor = Some(name.into());
        self
    }

    /// Only these acts.
    pub fn act(mut self, act: Verb) -> Self {
        self.act = Some(act);
        self
    }

    /// Only acts on this.
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Only acts that follow the one of this [number](AuditRecord::number) in the list: the next page.
    pub fn before(mut self, number: i64) -> Self {
        self.before = Some(number);
        self
    }

    /// At most so many, and never more than 1,000.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl Default for AuditFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl Operator {
    /// Why, in the actor's words: for the audit, and for the job's history where the act has one there.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Carries out an act.
    async fn act(&self, deed: Deed, detail: Option<Value>) -> Result<Acted> {
        let Actor { name, via } = &self.actor;
        let length = name.chars().count();
        if name.trim().is_empty() || length > ACTOR_LIMIT || name.chars().any(char::is_control) {
            return Err(Error::config(format!(
                "`{}` is not the name of an actor: 1 to {ACTOR_LIMIT} characters, no control characters",
                name.escape_debug()
            )));
        }
        let by = Signature { actor: Arc::clone(name), via: *via, reason: self.reason.clone(), detail };
        let acted = self.client.storage().act(deed, by).await?;
        tracing::debug!(actor = &**name, via = via.as_str(), outcome = acted.as_str(), "an operator's act");
        Ok(acted)
    }
}
