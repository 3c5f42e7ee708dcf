//! What a job or a batch runs after, as a caller names it, with what is wrong with it.

use super::{
    batch::{BatchHandle, BatchRef},
    flow::FlowHandle,
    handle::{JobHandle, JobRef},
};
use crate::{
    BatchId, JobId,
    flow::{Condition, MOST_PARENTS, NodeId, Rule},
    job::Takes,
    parent::{Gives, Members, Unchecked},
    storage::Waits,
};

/// Something that can be waited for: a [`JobHandle`], whose output the compiler checks; a [`JobRef`] or a [`JobId`], whose output
/// is checked when the continuation runs; a [`BatchHandle`], a [`BatchRef`] or a [`BatchId`]; each also behind `&`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be waited for",
    note = "pass what enqueueing the parent returned, such as `&job` or `&batch`, or a `JobId` or a `BatchId`"
)]
pub trait IntoParent {
    /// What it gives to what runs after it: a type of [`parent`](crate::parent).
    type Gives;

    #[doc(hidden)]
    fn node(&self) -> NodeId;
}

impl<P: IntoParent + ?Sized> IntoParent for &P {
    type Gives = P::Gives;

    fn node(&self) -> NodeId {
        (**self).node()
    }
}

impl<T> IntoParent for JobHandle<T> {
    type Gives = Gives<T>;

    fn node(&self) -> NodeId {
        self.id().into()
    }
}

impl<H: IntoParent> IntoParent for FlowHandle<H> {
    type Gives = H::Gives;

    fn node(&self) -> NodeId {
        (**self).node()
    }
}

impl<L> IntoParent for BatchHandle<L> {
    type Gives = Members;

    fn node(&self) -> NodeId {
        self.id().into()
    }
}

macro_rules! parents {
    ($($parent:ty, $gives:ty, $node:expr;)*) => {$(
        impl IntoParent for $parent {
            type Gives = $gives;

            fn node(&self) -> NodeId {
                let node: fn(&Self) -> NodeId = $node;
                node(self)
            }
        }
    )*};
}
parents! {
    JobRef, Unchecked, |job| job.id().into();
    JobId, Unchecked, |id| (*id).into();
    BatchRef, Members, |batch| batch.id().into();
    BatchId, Members, |id| (*id).into();
}

/// The parents that a builder has gathered. What is wrong is kept as a sentence and reported when the builder is awaited.
#[derive(Clone, Debug, Default)]
pub(super) struct After {
    rule: Rule,
    parents: Vec<(NodeId, Option<Condition>)>,
    /// How many calls have named parents, and where those of the last one begin.
    calls: usize,
    last: usize,
    faults: Vec<String>,
}

impl After {
    /// Adds what one call named.
    pub(super) fn name(&mut self, call: &str, rule: Rule, parents: impl IntoIterator<Item = NodeId>) {
        if self.calls > 0 && (rule == Rule::Any || self.rule == Rule::Any) {
            self.faults.push(format!(
                "`{call}`: it is either the first of several parents that is waited for, or all of them; name them in one \
                 `.after_any(..)`, or write no `after_any`"
            ));
        }
        (self.rule, self.calls, self.last) = (rule, self.calls + 1, self.parents.len());
        self.parents.extend(parents.into_iter().map(|parent| (parent, None)));
        if self.parents.len() == self.last {
            self.faults.push(format!("`{call}`: it names no parent; leave the call out to wait for nothing"));
        }
    }

    /// Says how the parents must end that the last call named.
    pub(super) fn condition(&mut self, condition: Condition, word: &str) {
        if self.calls == 0 {
            self.faults.push(format!(
                "`{word}`: it is said of the parents that were named last; write `.after(&parent)` before it"
            ));
        }
        for parent in &mut self.parents[self.last..] {
            parent.1 = Some(condition);
        }
    }

    /// Adds what stands before it in a flow.
    pub(super) fn follow(&mut self, call: &str, rule: Rule, condition: Condition, parents: &[NodeId]) {
        self.name(call, if parents.len() > 1 { rule } else { Rule::All }, parents.iter().copied());
        self.condition(condition, call);
    }

    /// What to store; `None` when it waits for nothing. Otherwise everything that is wrong.
    pub(super) fn resolve(&self, takes: Takes) -> Result<Option<Waits>, Vec<String>> {
        let mut faults = self.faults.clone();
        let default = if takes == Takes::Error { Condition::Failure } else { Condition::Success };
        let mut parents = Vec::<(NodeId, Condition)>::with_capacity(self.parents.len());
        let mut seen = std::collections::HashMap::with_capacity(self.parents.len());
        for (parent, condition) in &self.parents {
            let condition = condition.unwrap_or(default);
            match seen.insert(*parent, condition) {
                None => parents.push((*parent, condition)),
                Some(earlier) if earlier == condition => {}
                Some(earlier) => faults.push(format!(
                    "`after`: {parent} is named twice, and must end with {earlier} and with {condition}; name it once",
                    earlier = earlier.as_str(),
                    condition = condition.as_str()
                )),
            }
        }
        let is_unfit = |condition: &Condition| !matches!(condition, Condition::Failure | Condition::Deleted);
        if takes == Takes::Error && parents.iter().any(|(_, condition)| is_unfit(condition)) {
            faults.push(
                "`after`: it takes the error of its parent by `#[parent_error]`, and one that succeeded has none; write \
                 `.on_failure()` or `.on_deleted()`"
                    .to_owned(),
            );
        }
        if parents.len() > MOST_PARENTS {
            faults.push(format!(
                "`after`: it names {} parents, and {MOST_PARENTS} are the most; put what is waited for into a batch, and run it \
                 after that",
                parents.len()
            ));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok((!parents.is_empty()).then_some(Waits { rule: self.rule, parents }))
    }

    /// For renderings: the rule and the parents, whatever is wrong with them.
    pub(super) fn drawn(&self, takes: Takes) -> (Rule, Vec<(NodeId, Condition)>) {
        let default = if takes == Takes::Error { Condition::Failure } else { Condition::Success };
        let parents = self.parents.iter().map(|(parent, condition)| (*parent, condition.unwrap_or(default)));
        (self.rule, parents.collect())
    }
}

/// The words that say how the parents must end, for builders that keep them in `self.after`.
macro_rules! conditions {
    ($($bound:tt)*) => {
        /// Of the parents that were named last: it runs when they succeed. That is so unless something else is said.
        pub fn on_success(mut self) -> Self {
            self.after_mut().condition($crate::flow::Condition::Success, "on_success");
            self
        }

        /// Of the parents that were named last: it runs when they fail. A batch fails by completing with a member that did not
        /// succeed.
        pub fn on_failure(mut self) -> Self $($bound)* {
            self.after_mut().condition($crate::flow::Condition::Failure, "on_failure");
            self
        }

        /// [`on_failure`](Self::on_failure), as one says of a batch: it runs when the batch has completed with a member that did
        /// not succeed.
        pub fn on_completed(mut self) -> Self $($bound)* {
            self.after_mut().condition($crate::flow::Condition::Failure, "on_completed");
            self
        }

        /// Of the parents that were named last: it runs when they are deleted, by hand, by a cancel, or because what they waited
        /// for ended otherwise.
        pub fn on_deleted(mut self) -> Self $($bound)* {
            self.after_mut().condition($crate::flow::Condition::Deleted, "on_deleted");
            self
        }

        /// Of the parents that were named last: it runs when they have ended, however.
        pub fn on_finished(mut self) -> Self $($bound)* {
            self.after_mut().condition($crate::flow::Condition::Finished, "on_finished");
            self
        }
    };
}

pub(super) use conditions;

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs<const N: usize>() -> [NodeId; N] {
        std::array::from_fn(|_| JobId::new().into())
    }

    fn faults(after: &After, takes: Takes) -> String {
        after.resolve(takes).expect_err("it is wrong").join("; ")
    }

    #[test]
    fn a_condition_holds_for_the_parents_that_were_named_last() {
        let [a, b, c] = jobs();
        let mut after = After::default();
        after.name("after", Rule::All, [a]);
        after.name("after_all", Rule::All, [b, c]);
        after.condition(Condition::Finished, "on_finished");
        let parents = vec![(a, Condition::Success), (b, Condition::Finished), (c, Condition::Finished)];
        assert_eq!(after.resolve(Takes::Nothing), Ok(Some(Waits { rule: Rule::All, parents })));
        assert_eq!(After::default().resolve(Takes::Nothing), Ok(None));
    }

    #[test]
    fn who_takes_an_error_waits_for_a_failure() {
        let [a] = jobs();
        let mut after = After::default();
        after.name("after", Rule::All, [a]);
        let failed = Waits { rule: Rule::All, parents: vec![(a, Condition::Failure)] };
        assert_eq!(after.resolve(Takes::Error), Ok(Some(failed)));
        after.condition(Condition::Deleted, "on_deleted");
        assert!(after.resolve(Takes::Error).is_ok());
        for (condition, word) in [(Condition::Success, "on_success"), (Condition::Finished, "on_finished")] {
            after.condition(condition, word);
            let text = faults(&after, Takes::Error);
            assert!(text.contains("`#[parent_error]`") && text.contains("`.on_failure()`"), "{text}");
        }
    }

    #[test]
    fn parents_are_stored_once() {
        let [a] = jobs();
        let mut after = After::default();
        after.name("after_all", Rule::All, [a, a]);
        let once = Waits { rule: Rule::All, parents: vec![(a, Condition::Success)] };
        assert_eq!(after.resolve(Takes::Nothing), Ok(Some(once)));
        after.name("after", Rule::All, [a]);
        after.condition(Condition::Failure, "on_failure");
        let text = faults(&after, Takes::Nothing);
        assert!(text.contains(&a.to_string()) && text.contains("success and with failure"), "{text}");
    }

    #[test]
    fn what_is_wrong_with_parents_is_said() {
        let [a, b] = jobs();
        let mut early = After::default();
        early.condition(Condition::Failure, "on_failure");
        let text = faults(&early, Takes::Nothing);
        assert!(text.contains("`on_failure`") && text.contains("`.after(&parent)` before it"), "{text}");

        let mut none = After::default();
        none.name("after_all", Rule::All, []);
        let text = faults(&none, Takes::Nothing);
        assert!(text.contains("`after_all`: it names no parent"), "{text}");

        for rules in [[Rule::All, Rule::Any], [Rule::Any, Rule::All], [Rule::Any, Rule::Any]] {
            let mut mixed = After::default();
            mixed.name("first", rules[0], [a]);
            mixed.name("second", rules[1], [b]);
            let text = faults(&mixed, Takes::Nothing);
            assert!(text.starts_with("`second`: ") && text.contains("one `.after_any(..)`"), "{text}");
        }

        let mut many = After::default();
        many.name("after_all", Rule::All, (0..=MOST_PARENTS).map(|_| JobId::new().into()));
        let text = faults(&many, Takes::Nothing);
        assert!(text.contains("names 1001 parents") && text.contains("batch"), "{text}");
    }
}
