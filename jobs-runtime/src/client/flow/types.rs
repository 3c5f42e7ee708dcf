//! What the parts of flows are made of, and what storing one gives back, as types.

use super::{Flow, plan::End};
use crate::{
    Client, Job, JobId,
    client::{batch::BatchRef, enqueue::Enqueue, handle::JobHandle},
    parent::{Accepts, Branches, Each, Follows, Given, Gives, Members, NeedsAfterParent},
};

/// A job, a job with options, a batch or a flow: whatever can be a step of a flow or a member of a batch.
///
/// A job alone is what `job_function::new(..)` makes; one with options is what `job_function::enqueue(..)` returns, before it is
/// awaited.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn fetch(url: String) {}
/// # #[job] async fn resize(width: u32) {}
/// # #[job] async fn publish() {}
/// # #[job] async fn alert() {}
/// # #[job] async fn tidy_up() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// let flow = fetch::new("https://example.org/a.png")
///     .then(join((resize::new(100), resize::enqueue(800).queue("slow"))))
///     .then(publish::new())
///     .on_failure(alert::new())
///     .finally(tidy_up::new());
/// let published = flow.on(&client).enqueue().await?;
/// assert_eq!(published.state().await?, State::Awaiting);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no step of a flow",
    note = "a step is `job_function::new(args)`, `job_function::enqueue(args)` with options, a `Batch`, or a flow of them"
)]
pub trait IntoFlow: Sized {
    /// What its first steps take from what stands before it: a type of [`parent`](crate::parent).
    type Takes;

    /// What its last steps give to what stands behind it: a type of [`parent`](crate::parent).
    type Gives: Ends;

    /// The same as a flow.
    fn into_flow(self) -> Flow<'static, Self::Takes, Self::Gives>;

    /// Runs `next` when this has succeeded: `a.then(b).then(c)` runs one after the other. Behind [`join`](super::join) it runs when
    /// all of the joined flows have succeeded. What a job takes by `#[parent]` or `#[parents]` is checked against what stands before
    /// it when the program is compiled.
    fn then<N>(self, next: N) -> Flow<'static, Self::Takes, N::Gives>
    where
        N: IntoFlow,
        N::Takes: Accepts<Self::Gives> + Follows,
    {
        let (mut plan, client) = self.into_flow().parts();
        let (next, other) = next.into_flow().parts();
        plan.then(next);
        Flow::new(plan, client.or(other))
    }

    /// Runs `next` when a step of this fails: the first, if there are several. The branches are no steps in this sense. The flow
    /// goes on as it would without it. Where none has failed, `next` is deleted.
    fn then_on_failure<N>(self, next: N) -> Flow<'static, Self::Takes, Self::Gives>
    where
        N: IntoFlow,
        N::Takes: Branches,
    {
        self.into_flow().branch("then_on_failure", crate::flow::Condition::Failure, next)
    }

    /// Runs `next` when a step of this is deleted: by hand, by a cancel, or because a step before it did not succeed.
    fn then_on_deleted<N>(self, next: N) -> Flow<'static, Self::Takes, Self::Gives>
    where
        N: IntoFlow,
        N::Takes: Branches,
    {
        self.into_flow().branch("then_on_deleted", crate::flow::Condition::Deleted, next)
    }

    /// Runs `next` when this has ended, however, and its branches have too.
    fn then_finally<N>(self, next: N) -> Flow<'static, Self::Takes, Self::Gives>
    where
        N: IntoFlow,
        N::Takes: Branches + Follows,
    {
        let mut flow = self.into_flow();
        flow.plan.finally("then_finally", next.into_flow().plan);
        flow
    }

    /// [`then_on_failure`](Self::then_on_failure) in short, for jobs and flows. Of a job with options and of a batch, `on_failure`
    /// says when it runs itself.
    fn on_failure<N>(self, next: N) -> Flow<'static, Self::Takes, Self::Gives>
    where
        N: IntoFlow,
        N::Takes: Branches,
    {
        self.then_on_failure(next)
    }

    /// [`then_finally`](Self::then_finally) in short.
    fn finally<N>(self, next: N) -> Flow<'static, Self::Takes, Self::Gives>
    where
        N: IntoFlow,
        N::Takes: Branches + Follows,
    {
        self.then_finally(next)
    }
}

impl<J: Job> IntoFlow for J {
    type Takes = J::Parent;
    type Gives = Gives<J::Output>;

    fn into_flow(self) -> Flow<'static, Self::Takes, Self::Gives> {
        Enqueue::<J, NeedsAfterParent>::bare(self).into_step()
    }
}

impl<J: Job> IntoFlow for Enqueue<'static, J> {
    type Takes = Given<J::Parent>;
    type Gives = Gives<J::Output>;

    fn into_flow(self) -> Flow<'static, Self::Takes, Self::Gives> {
        self.into_step()
    }
}

impl<J: Job> IntoFlow for Enqueue<'static, J, NeedsAfterParent> {
    type Takes = J::Parent;
    type Gives = Gives<J::Output>;

    fn into_flow(self) -> Flow<'static, Self::Takes, Self::Gives> {
        self.into_step()
    }
}

impl<I, O: Ends> IntoFlow for Flow<'static, I, O> {
    type Takes = I;
    type Gives = O;

    fn into_flow(self) -> Self {
        self
    }
}

/// What a flow may end with, and what follows it once it is stored.
pub trait Ends {
    /// The handle of the last step; of flows side by side, the handles of all.
    type Handles;

    #[doc(hidden)]
    fn handles(end: &End, stored: &Stored<'_>) -> Self::Handles;
}

/// What storing a flow told.
#[derive(Debug)]
pub struct Stored<'a> {
    pub(crate) client: &'a Client,
    /// The jobs that were there before.
    pub(crate) known: &'a [JobId],
}

/// Types and ends are made side by side, so that they cannot differ.
const SAME_SHAPE: &str = "a flow ends as its type says";

impl<T> Ends for Gives<T> {
    type Handles = JobHandle<T>;

    fn handles(end: &End, stored: &Stored<'_>) -> JobHandle<T> {
        let End::Job(id, kind) = end else { unreachable!("{SAME_SHAPE}") };
        JobHandle::new(stored.client.clone(), *id, kind, !stored.known.contains(id))
    }
}

impl Ends for Members {
    type Handles = BatchRef;

    fn handles(end: &End, stored: &Stored<'_>) -> BatchRef {
        let End::Batch(id) = end else { unreachable!("{SAME_SHAPE}") };
        stored.client.batch(*id)
    }
}

impl<G: Ends> Ends for Each<G> {
    type Handles = Vec<G::Handles>;

    fn handles(end: &End, stored: &Stored<'_>) -> Self::Handles {
        let End::Several(parts) = end else { unreachable!("{SAME_SHAPE}") };
        parts.iter().map(|part| G::handles(part, stored)).collect()
    }
}

/// Jobs, batches or flows that can stand side by side: a tuple of up to eight, which may differ, or a `Vec` or an array of ones of
/// one type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be joined",
    note = "pass a tuple of two to eight jobs or flows, or a `Vec` of ones of one type"
)]
pub trait Join {
    /// What the parts take.
    type Takes;
    /// What the parts give.
    type Gives: Ends;

    #[doc(hidden)]
    fn joined(self) -> Flow<'static, Self::Takes, Self::Gives>;
}

impl<F: IntoFlow> Join for Vec<F> {
    type Takes = F::Takes;
    type Gives = Each<F::Gives>;

    fn joined(self) -> Flow<'static, Self::Takes, Self::Gives> {
        Flow::joined(self.into_iter().map(|part| part.into_flow().parts()))
    }
}

impl<F: IntoFlow, const N: usize> Join for [F; N] {
    type Takes = F::Takes;
    type Gives = Each<F::Gives>;

    fn joined(self) -> Flow<'static, Self::Takes, Self::Gives> {
        Flow::joined(self.into_iter().map(|part| part.into_flow().parts()))
    }
}

macro_rules! tuples {
    ($($part:ident $index:tt)+) => {
        impl<$($part: IntoFlow),+> Join for ($($part,)+) {
            type Takes = ($($part::Takes,)+);
            type Gives = ($($part::Gives,)+);

            fn joined(self) -> Flow<'static, Self::Takes, Self::Gives> {
                Flow::joined([$(self.$index.into_flow().parts()),+])
            }
        }

        impl<$($part: Ends),+> Ends for ($($part,)+) {
            type Handles = ($($part::Handles,)+);

            fn handles(end: &End, stored: &Stored<'_>) -> Self::Handles {
                let End::Several(parts) = end else { unreachable!("{SAME_SHAPE}") };
                ($($part::handles(&parts[$index], stored),)+)
            }
        }
    };
}
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
