//! What a job takes from its parents, as types: a continuation is checked against its parents when the program is compiled.

use std::marker::PhantomData;

/// A job that takes nothing from its parents; it may have any, or none.
#[derive(Debug)]
pub enum Free {}

/// A job with `#[parent] x: T`: it runs after one parent, whose output it takes.
#[derive(Debug)]
pub struct One<T>(PhantomData<fn() -> T>);

/// A job with `#[parents] xs: Vec<T>`: it runs after one or several parents, whose outputs it takes in their order.
#[derive(Debug)]
pub struct Many<T>(PhantomData<fn() -> T>);

/// A job with `#[parent_error] error: String`: it runs when its parent has failed.
#[derive(Debug)]
pub enum Caught {}

/// What a parent whose output is a `T` gives.
#[derive(Debug)]
pub struct Gives<T>(PhantomData<fn() -> T>);

/// What several parents give of which each gives `G`.
#[derive(Debug)]
pub struct Each<G>(PhantomData<fn() -> G>);

/// What a job takes, in addition, whose parents are named already; it would take `P` without them.
#[derive(Debug)]
pub struct Given<P>(PhantomData<fn() -> P>);

/// What is known of a parent of which the program has the id alone: its output is checked when the continuation runs.
#[derive(Debug)]
pub enum Unchecked {}

/// What a batch gives: no output of its own; its continuation reads those of the members.
#[derive(Debug)]
pub enum Members {}

/// Whether a job that takes `Self` can run after what gives `O`.
#[diagnostic::on_unimplemented(
    message = "the parent does not give what this job takes",
    label = "the parent gives `{O}`, and the job takes `{Self}`",
    note = "write the type that the parent's handler returns: `#[parent] x: T` runs after one job that returns a `T`, `#[parents] xs: Vec<T>` after several of them",
    note = "a batch returns nothing itself: run a job after it that reads what the members returned, by `ctx.parents()` and `ctx.client().batch(id).outputs::<T>()`"
)]
pub trait Accepts<O> {}

impl<O> Accepts<O> for Free {}
impl<O> Accepts<O> for Caught {}
impl<T> Accepts<Gives<T>> for One<T> {}
impl<T> Accepts<Unchecked> for One<T> {}
impl<T> Accepts<Gives<T>> for Many<T> {}
#[diagnostic::do_not_recommend]
impl<T, G> Accepts<Each<G>> for Many<T> where Many<T>: Accepts<G> {}
impl<T> Accepts<Unchecked> for Many<T> {}
#[diagnostic::do_not_recommend]
impl<O, P: TakesSeveral + Accepts<O>> Accepts<O> for Given<P> {}

/// Jobs that may have several parents at once.
#[diagnostic::on_unimplemented(
    message = "this job takes the output of one parent",
    label = "`{Self}` cannot run after several parents",
    note = "write `#[parents] xs: Vec<T>` to take the outputs of several, or `.after_any(..)` for the first of them"
)]
pub trait TakesSeveral {}
impl TakesSeveral for Free {}
impl TakesSeveral for Caught {}
impl<T> TakesSeveral for Many<T> {}

/// Jobs that may run after a parent that did not succeed.
#[diagnostic::on_unimplemented(
    message = "a job that takes its parent's output runs only when the parent succeeded",
    label = "`{Self}` has nothing to take from a parent that did not succeed",
    note = "write the other branch as a job without `#[parent]`; `#[parent_error] error: String` takes the error of the parent"
)]
pub trait Branches {}
impl Branches for Free {}
impl Branches for Caught {}
#[diagnostic::do_not_recommend]
impl<P: Branches> Branches for Given<P> {}

/// Jobs that may run after a parent that succeeded.
#[diagnostic::on_unimplemented(
    message = "a job that takes its parent's error runs only when the parent failed",
    label = "`{Self}` has no error to take from a parent that succeeded",
    note = "put it behind `.on_failure(..)` or `.then_on_failure(..)`"
)]
pub trait Follows {}
impl Follows for Free {}
impl<T> Follows for One<T> {}
impl<T> Follows for Many<T> {}
#[diagnostic::do_not_recommend]
impl<P: Follows> Follows for Given<P> {}

/// What may stand at the beginning of a flow, and in a batch.
#[diagnostic::on_unimplemented(
    message = "this needs a parent's output",
    label = "`{Self}` is taken from a parent, and there is none before it",
    note = "put it behind the step that gives it, with `.then(..)`, or name the parent with `.after(&parent)`"
)]
pub trait Starts {}
impl Starts for Free {}
impl<P> Starts for Given<P> {}

/// Jobs that cannot run without a parent.
#[diagnostic::on_unimplemented(
    message = "this job takes nothing from a parent",
    label = "`{Self}` needs no parent",
    note = "enqueue it without one"
)]
pub trait Needing {}
impl<T> Needing for One<T> {}
impl<T> Needing for Many<T> {}
impl Needing for Caught {}

/// The state of an [`Enqueue`](crate::Enqueue) that may be awaited.
#[derive(Clone, Copy, Debug)]
pub enum Ready {}

/// The state of an [`Enqueue`](crate::Enqueue) of a job that takes something from a parent and has none yet: say what it runs
/// after with `.after(&parent)`, and it may be awaited.
#[derive(Clone, Copy, Debug)]
pub enum NeedsAfterParent {}

/// Steps side by side take what each of them takes, and give what all of them give.
macro_rules! side_by_side {
    ($($part:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<O, $($part: Accepts<O>),+> Accepts<O> for ($($part,)+) {}
        #[diagnostic::do_not_recommend]
        impl<T, $($part),+> Accepts<($($part,)+)> for Many<T> where $(Many<T>: Accepts<$part>),+ {}
        #[diagnostic::do_not_recommend]
        impl<$($part: Branches),+> Branches for ($($part,)+) {}
        #[diagnostic::do_not_recommend]
        impl<$($part: Follows),+> Follows for ($($part,)+) {}
        #[diagnostic::do_not_recommend]
        impl<$($part: Starts),+> Starts for ($($part,)+) {}
    };
}
side_by_side!(A B);
side_by_side!(A B C);
side_by_side!(A B C D);
side_by_side!(A B C D E);
side_by_side!(A B C D E F);
side_by_side!(A B C D E F G);
side_by_side!(A B C D E F G H);
