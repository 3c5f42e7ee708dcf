//! The example `flows` as a user runs it: each form does what it says, and the program ends by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::{Command, Stdio};

use common::example_path;

const FORMS: &str = "\
continuation: chopped onion
chain: fried chopped onion
all of several: soup of peas and rice and mint
first of several: chopped leek; the other is scheduled still
try, catch, finally: deleted; sorry, the bread is burnt; washed up
delay: washed up 0.5 s later
batch: 1055 g of 10 potatoes, 0 thrown away
batch with a failure: completed: 452 g of 4 potatoes, 1 thrown away
nested batches: succeeded with 4 members
attach from inside: washed up after 11 jobs
batch after batch: washed up
cancel: deleted, 1000 jobs of it; the weighing is deleted
diamond: curry of chopped onion and fried onion
";

#[test]
fn each_form_does_what_it_says() {
    let output = Command::new(example_path("flows")).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let drawings = text.strip_prefix(FORMS).unwrap_or_else(|| panic!("not what was expected:\n{text}"));

    let (as_text, rest) = drawings.split_once("drawn by Mermaid:\n").expect("a flowchart");
    let (as_mermaid, as_it_stands) = rest.split_once("drawn as it stands:\n").expect("a stored flow");
    let lines: Vec<&str> = as_text.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "drawn as text:",
            "1. job flows::jobs::fetch",
            "2. job flows::jobs::chop, after 1",
            "3. job flows::jobs::fry, after 1",
        ]
    );
    assert_eq!(
        lines[4..8],
        [
            "4. batch \"potatoes\"",
            "   5. 10 more",
            "6. job flows::jobs::fetch, after 4",
            "7. job flows::jobs::cook, after 2, 3 and 6",
        ]
    );
    assert_eq!(lines[9..], ["9. job flows::jobs::wash_up, after 7 (finished) and 8 (finished)"]);

    assert!(as_mermaid.starts_with("flowchart TD\n    n1[\"job flows::jobs::fetch\"]\n"), "{as_mermaid}");
    for arrow in ["n1 --> n2", "n1 --> n3", "n2 --> n7", "n3 --> n7", "n7 -->|first failure| n8", "n8 -->|finished| n9"]
    {
        assert!(as_mermaid.lines().any(|line| line.trim() == arrow), "no {arrow} in {as_mermaid}");
    }

    let stands = "\
1. job flows::jobs::fetch: succeeded
2. job flows::jobs::chop: succeeded, after 1
3. job flows::jobs::fry: succeeded, after 1
4. batch \"potatoes\": succeeded, 10 of 10 ended
5. job flows::jobs::fetch: succeeded, after 4
6. job flows::jobs::cook: succeeded, after 2, 3, 5
7. job flows::jobs::apologise: deleted, after 1 (failure), 2 (failure), 3 (failure), 4 (failure), 5 (failure), 6 (failure)
8. job flows::jobs::wash_up: succeeded, after 6 (finished), 7 (finished)
";
    assert_eq!(as_it_stands, stands);
}
