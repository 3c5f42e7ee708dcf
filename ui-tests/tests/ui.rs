//! Builds every case. After a change of messages: `TRYBUILD=overwrite cargo test -p ui-tests`, and read the difference.

#[test]
fn cases() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*/*.rs");
}
