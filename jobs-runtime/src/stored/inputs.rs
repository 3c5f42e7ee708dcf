//! What a handler takes from its job's parents: the stored inputs as values of the parameters' types.

use std::fmt::Write;

use super::{Storable, fatal, read_output};
use crate::{
    flow::{Ending, NodeId},
    job::Failure,
    storage::Input,
};

/// The output of the parent, for `#[parent]`: of several, the first whose condition was met.
///
/// # Errors
/// A fatal failure that names the parent and says what to do: none left an output, it is a batch, or the output has another
/// layout.
pub(crate) fn parent<T: Storable>(kind: &str, inputs: &[Input]) -> Result<T, Failure> {
    let input = succeeded(inputs).next().ok_or_else(|| nothing(kind, "parent", "the output", inputs))?;
    output(kind, "parent", input)
}

/// The outputs of all parents that succeeded as they should, in the caller's order, for `#[parents]`.
///
/// # Errors
/// Those of [`parent`].
pub(crate) fn parents<T: Storable>(kind: &str, inputs: &[Input]) -> Result<Vec<T>, Failure> {
    let outputs: Vec<T> = succeeded(inputs).map(|input| output(kind, "parents", input)).collect::<Result<_, _>>()?;
    if outputs.is_empty() {
        return Err(nothing(kind, "parents", "the outputs", inputs));
    }
    Ok(outputs)
}

/// Why the parent did not succeed, for `#[parent_error]`: of several, a line for each that did not.
///
/// # Errors
/// A fatal failure when none failed.
pub(crate) fn parent_error(kind: &str, inputs: &[Input]) -> Result<String, Failure> {
    let mut failed = met(inputs).filter(|(_, ending)| *ending != Ending::Succeeded);
    let Some(first) = failed.next() else { return Err(nothing(kind, "parent_error", "the error", inputs)) };
    let Some(second) = failed.next() else { return Ok(reason(first)) };
    let lines = [first, second].into_iter().chain(failed).map(|found| format!("{}: {}", found.0.parent, reason(found)));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn met(inputs: &[Input]) -> impl Iterator<Item = (&Input, Ending)> {
    inputs.iter().filter_map(|input| Some((input, input.ending.filter(|ending| input.condition.is_met_by(*ending))?)))
}

fn succeeded(inputs: &[Input]) -> impl Iterator<Item = &Input> {
    met(inputs).filter(|(_, ending)| *ending == Ending::Succeeded).map(|(input, _)| input)
}

fn output<T: Storable>(kind: &str, attribute: &str, input: &Input) -> Result<T, Failure> {
    let NodeId::Job(id) = input.parent else {
        return Err(fatal(format!(
            "`#[{attribute}]` of `{kind}` takes the output of a job, and its parent is {}, whose members have outputs but not \
             itself; take the parameter out and read theirs with `ctx.client().batch(id).outputs::<T>()`, where the id is in \
             `ctx.parents()`",
            input.parent
        )));
    };
    let what = format!("the output of the parent job {id}, which `#[{attribute}]` of `{kind}` takes,");
    let remedy =
        "give the parameter the type that the parent's handler returned and requeue this job, or enqueue both again";
    read_output(input.output.as_deref(), &what, remedy).map_err(fatal)
}

fn reason((input, ending): (&Input, Ending)) -> String {
    match (&input.reason, input.parent, ending) {
        (Some(reason), ..) => reason.clone(),
        (None, NodeId::Batch(id), Ending::Failed) => format!("not all members of batch {id} succeeded"),
        (None, ..) => "no reason was stored".to_owned(),
    }
}

/// How many parents a sentence names.
const NAMED: usize = 5;

fn nothing(kind: &str, attribute: &str, what: &str, inputs: &[Input]) -> Failure {
    let mut text = format!("`#[{attribute}]` of `{kind}` takes {what} that a parent leaves, and none has left one");
    for (n, input) in inputs.iter().take(NAMED).enumerate() {
        let how = match input.ending {
            None => "has not ended",
            Some(Ending::Succeeded) => "succeeded",
            Some(Ending::Failed) => "failed",
            Some(Ending::Deleted) => "was deleted",
        };
        // Writing into a text does not fail.
        let _ = write!(text, "{} {} {how}", if n == 0 { ":" } else { "," }, input.parent);
    }
    if let Some(more @ 1..) = inputs.len().checked_sub(NAMED) {
        let _ = write!(text, " and so on with {more} more");
    }
    text.push_str("; enqueue it again with `.after(&parent)`");
    fatal(text)
}

#[cfg(test)]
mod tests;
