//! What is taken from parents that ended in every way.

use std::slice::from_ref;

use super::*;
use crate::{
    BatchId, JobId,
    codec::{self, Codec, Header},
    flow::Condition,
    job::Verdict,
    layout,
    outcome::error_text,
};

/// The output as a parent of this codec stores it.
fn written<T: Storable>(codec: Codec, value: &T) -> Option<Vec<u8>> {
    let header = Header { codec, version: 3, fingerprint: layout::of::<T>().fingerprint };
    Some(codec::encode(value, header, "a test").expect("it can be written"))
}

fn ended(ending: Ending, output: Option<Vec<u8>>) -> Input {
    let condition = match ending {
        Ending::Succeeded => Condition::Success,
        Ending::Failed => Condition::Failure,
        Ending::Deleted => Condition::Deleted,
    };
    Input { parent: NodeId::Job(JobId::new()), condition, ending: Some(ending), output, reason: None }
}

fn gave<T: Storable>(value: &T) -> Input {
    ended(Ending::Succeeded, written(Codec::Bincode, value))
}

fn failed(reason: &str) -> Input {
    Input { reason: Some(reason.to_owned()), ..ended(Ending::Failed, None) }
}

/// The text of a failure that must be fatal.
#[track_caller]
fn fault<T: std::fmt::Debug>(taken: Result<T, Failure>) -> String {
    let failure = taken.expect_err("it cannot be taken");
    assert_eq!(failure.verdict, Verdict::Fatal);
    error_text(&*failure.error)
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Receipt {
    order: u64,
}

#[test]
fn the_output_of_a_parent_comes_back_whatever_its_codec() {
    let receipt = Receipt { order: 7 };
    for codec in [Codec::Bincode, Codec::Json] {
        let input = ended(Ending::Succeeded, written(codec, &receipt));
        assert_eq!(parent::<Receipt>("ship", &[input]).expect("it is there"), receipt);
    }
    parent::<()>("ship", &[ended(Ending::Succeeded, None)]).expect("`()` has no bytes");
    assert_eq!(parents::<()>("ship", &[ended(Ending::Succeeded, None)]).expect("`()` has no bytes"), [()]);
    assert_eq!(parent::<Option<u8>>("ship", &[gave(&None::<u8>)]).expect("it is there"), None);
}

#[test]
fn parents_are_taken_in_order_and_only_if_they_succeeded_as_they_should() {
    let unmet = Input { condition: Condition::Failure, ..gave(&9_u8) };
    let open = Input { ending: None, ..gave(&9_u8) };
    let finished = Input { condition: Condition::Finished, ..gave(&2_u8) };
    let finished_badly = Input { condition: Condition::Finished, ..failed("boom") };
    let inputs = [gave(&3_u8), unmet, open, finished, finished_badly, failed("boom"), gave(&1_u8)];
    assert_eq!(parents::<u8>("join", &inputs).expect("three are there"), [3, 2, 1]);
    assert_eq!(parent::<u8>("join", &inputs[1..]).expect("one is there"), 2, "the first that was met");
}

#[test]
fn another_layout_is_never_read_and_both_are_named() {
    let input = gave(&"text".to_owned());
    let id = input.parent.to_string();
    let (theirs, ours) = (layout::of::<String>(), layout::of::<Receipt>());
    let hex = |layout: &crate::job::Layout| format!("{:016x}", layout.fingerprint);
    let parts: [&str; 6] = [
        &id,
        "`#[parent]` of `ship`",
        &hex(&theirs),
        &hex(&ours),
        "{order: u64}",
        "give the parameter the type that the parent's handler returned and requeue this job",
    ];
    contains(&fault(parent::<Receipt>("ship", from_ref(&input))), &parts);
    let good = gave(&Receipt { order: 1 });
    contains(&fault(parents::<Receipt>("join", &[good, input])), &[&id, "`#[parents]` of `join`", &hex(&theirs)]);
}

#[test]
fn nothing_is_made_of_nothing_but_units() {
    let empty = [ended(Ending::Succeeded, None)];
    let id = empty[0].parent.to_string();
    contains(&fault(parent::<u64>("ship", &empty)), &[&id, "it was stored as nothing", "which is u64"]);
    // serde alone would read it as `None`.
    contains(&fault(parent::<Option<u64>>("ship", &empty)), &[&id, "it was stored as nothing", "which is u64?"]);
    contains(&fault(parent::<()>("ship", &[gave(&7_u64)])), &[&hex_of::<u64>(), "which is ()"]);
}

fn hex_of<T: Storable>() -> String {
    format!("{:016x}", layout::of::<T>().fingerprint)
}

#[test]
fn damaged_bytes_are_told_from_another_layout() {
    let mut input = gave(&7_u64);
    *input.output.as_mut().and_then(|bytes| bytes.last_mut()).expect("bytes were written") ^= 1;
    contains(&fault(parent::<u64>("ship", &[input.clone()])), &[&input.parent.to_string(), "damaged"]);
    input.output = Some(vec![1, 2]);
    contains(&fault(parent::<u64>("ship", &[input])), &["2 bytes"]);
}

#[test]
fn a_batch_has_no_output_of_its_own() {
    let input = Input { parent: NodeId::Batch(BatchId::new()), ..ended(Ending::Succeeded, None) };
    let id = input.parent.to_string();
    for text in [fault(parent::<()>("sum", from_ref(&input))), fault(parents::<()>("sum", &[gave(&()), input.clone()]))]
    {
        contains(&text, &[&id, "ctx.client().batch(id).outputs::<T>()", "`ctx.parents()`"]);
    }
}

#[test]
fn without_what_is_taken_the_parents_are_named() {
    contains(&fault(parent::<u8>("ship", &[])), &["`#[parent]` of `ship`", "the output", ".after(&parent)"]);
    contains(&fault(parents::<u8>("join", &[])), &["`#[parents]` of `join`", "the outputs", ".after(&parent)"]);
    contains(&fault(parent_error("alert", &[])), &["`#[parent_error]` of `alert`", "the error", ".after(&parent)"]);

    let open = Input { ending: None, ..gave(&1_u8) };
    let inputs = [open, failed("boom"), ended(Ending::Deleted, None)];
    let [a, b, c] = [0, 1, 2].map(|at: usize| inputs[at].parent);
    let named = format!("none has left one: {a} has not ended, {b} failed, {c} was deleted; enqueue");
    contains(&fault(parent::<u8>("ship", &inputs)), &[&named]);
    contains(&fault(parents::<u8>("ship", &inputs)), &[&named]);
    let good = gave(&1_u8);
    contains(&fault(parent_error("alert", from_ref(&good))), &[&format!("{} succeeded; enqueue", good.parent)]);
    let many: Vec<Input> = (0..1_000).map(|_| failed("boom")).collect();
    let text = fault(parent::<u8>("ship", &many));
    contains(&text, &["and so on with 995 more;"]);
    assert!(text.len() < 1_000, "{} letters", text.len());
}

#[test]
fn an_error_is_the_reason_and_of_several_each_with_its_parent() {
    assert_eq!(parent_error("alert", &[failed("boom")]).expect("it is there"), "boom");
    let inputs = [gave(&1_u8), failed("boom"), Input { ending: None, ..failed("late") }, ended(Ending::Deleted, None)];
    let expected = format!("{}: boom\n{}: no reason was stored", inputs[1].parent, inputs[3].parent);
    assert_eq!(parent_error("alert", &inputs).expect("two are there"), expected);
    let id = BatchId::new();
    let batch = Input { parent: NodeId::Batch(id), ..ended(Ending::Failed, None) };
    assert_eq!(
        parent_error("alert", &[batch]).expect("it is there"),
        format!("not all members of batch {id} succeeded")
    );
}
