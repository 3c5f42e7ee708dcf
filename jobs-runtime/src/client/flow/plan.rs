//! A flow before it is stored: its steps, what each waits for, where it begins and where it ends.

use std::fmt;

use crate::{
    BatchId, Error, JobId, Result,
    client::after::After,
    flow::{Condition, NodeId, Rule},
    job::Takes,
    storage::{NewBatch, NewJob},
};

/// The steps of a flow, each after those that it waits for.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// The steps that wait for what stands before the flow.
    starts: Vec<usize>,
    /// The steps that what stands behind the flow waits for.
    pub(crate) end: End,
    /// The steps whose failure is the flow's.
    line: Vec<NodeId>,
    /// Where the branches end.
    branches: Vec<NodeId>,
    faults: Vec<Error>,
}

/// Where a flow ends, as its type says it.
#[derive(Clone, Debug)]
pub enum End {
    /// With a job.
    Job(JobId, &'static str),
    /// With a batch.
    Batch(BatchId),
    /// With several flows side by side.
    Several(Vec<End>),
}

impl Default for End {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl End {
    /// The steps that it consists of.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::Job(id, _) => vec![NodeId::Job(*id)],
            Self::Batch(id) => vec![NodeId::Batch(*id)],
            Self::Several(parts) => parts.iter().flat_map(Self::nodes).collect(),
        }
    }
}

/// A job or a batch with what it waits for.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) what: What,
    pub(crate) after: After,
}

#[derive(Debug)]
pub(crate) enum What {
    Job(Box<JobStep>),
    Batch(Box<BatchStep>),
}

#[derive(Debug)]
pub(crate) struct JobStep {
    pub(crate) job: NewJob,
    pub(crate) takes: Takes,
    /// Whether nobody else can have a job with this id.
    pub(crate) fresh: bool,
}

#[derive(Debug)]
pub(crate) struct BatchStep {
    pub(crate) batch: NewBatch,
    pub(crate) members: Vec<Members>,
    pub(crate) may_be_empty: bool,
}

/// Members of a batch.
pub(crate) enum Members {
    /// Those that are there.
    Here(Plan),
    /// Those that are made while they are stored.
    Lazy(Box<dyn Iterator<Item = Plan> + Send>),
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(plan) => plan.fmt(f),
            Self::Lazy(iterator) => write!(f, "Lazy({:?})", iterator.size_hint()),
        }
    }
}

impl Step {
    pub(crate) fn node(&self) -> NodeId {
        match &self.what {
            What::Job(step) => step.job.id.into(),
            What::Batch(step) => step.batch.id.into(),
        }
    }

    /// What it takes from its parents.
    pub(crate) fn takes(&self) -> Takes {
        match &self.what {
            What::Job(step) => step.takes,
            What::Batch(_) => Takes::Nothing,
        }
    }

    /// How errors call it.
    pub(crate) fn name(&self) -> String {
        match &self.what {
            What::Job(step) => format!("a `{}` job", step.job.kind),
            What::Batch(step) => format!("the batch `{}`", step.batch.description.escape_debug()),
        }
    }
}

impl Plan {
    /// A flow of one step.
    pub(crate) fn of(step: Step, end: End) -> Self {
        let line = vec![step.node()];
        Self { steps: vec![step], starts: vec![0], end, line, branches: Vec::new(), faults: Vec::new() }
    }

    /// What cannot be stored, for this reason.
    pub(crate) fn broken(error: Error, end: End) -> Self {
        Self { end, faults: vec![error], ..Self::default() }
    }

    pub(crate) fn fault(&mut self, error: Error) {
        self.faults.push(error);
    }

    /// The batch that it begins with, of a plan that was made of one.
    pub(crate) fn head(&mut self) -> Option<(&mut BatchStep, &mut After)> {
        match self.steps.first_mut() {
            Some(Step { what: What::Batch(step), after }) => Some((step, after)),
            _ => None,
        }
    }

    /// Goes on with `next`.
    pub(crate) fn then(&mut self, next: Self) {
        let ends = self.end.nodes();
        let (end, line) = self.append(next, "then", Rule::All, Condition::Success, &ends);
        self.end = end;
        self.line.extend(line);
    }

    /// Runs `next` when a step has ended like this, whose end is the flow's.
    pub(crate) fn branch_on(&mut self, call: &str, condition: Condition, next: Self) {
        let line = self.line.clone();
        let (end, _) = self.append(next, call, Rule::Any, condition, &line);
        self.branches.extend(end.nodes());
    }

    /// Runs `next` when all has ended, the branches too.
    pub(crate) fn finally(&mut self, call: &str, next: Self) {
        let mut ends = self.end.nodes();
        ends.extend(&self.branches);
        let (end, _) = self.append(next, call, Rule::All, Condition::Finished, &ends);
        self.branches.extend(end.nodes());
    }

    /// Flows side by side.
    pub(crate) fn join(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        if parts.is_empty() {
            all.fault(Error::config("`join` of a flow: it joins nothing; give it at least one job or flow"));
        }
        let mut ends = Vec::with_capacity(parts.len());
        for part in parts {
            let starts = part.starts.iter().map(|start| start + all.steps.len()).collect::<Vec<_>>();
            all.starts.extend(starts);
            all.line.extend(&part.line);
            ends.push(all.absorb(part));
        }
        all.end = End::Several(ends);
        all
    }

    /// Everything that is wrong with how it was put together.
    pub(crate) fn check(&mut self) -> Result<()> {
        let mut texts = Vec::new();
        for fault in self.faults.drain(..) {
            match fault {
                Error::Config(text) => texts.push(text),
                other => return Err(other),
            }
        }
        if texts.is_empty() { Ok(()) } else { Err(Error::Config(texts.join("; "))) }
    }

    fn append(
        &mut self,
        mut next: Self,
        call: &str,
        rule: Rule,
        condition: Condition,
        parents: &[NodeId],
    ) -> (End, Vec<NodeId>) {
        if !parents.is_empty() {
            for start in std::mem::take(&mut next.starts) {
                next.steps[start].after.follow(call, rule, condition, parents);
            }
        }
        let line = std::mem::take(&mut next.line);
        (self.absorb(next), line)
    }

    /// Takes the steps of `other` in, behind its own; returns where they end.
    fn absorb(&mut self, other: Self) -> End {
        self.steps.extend(other.steps);
        self.branches.extend(other.branches);
        self.faults.extend(other.faults);
        other.end
    }
}
