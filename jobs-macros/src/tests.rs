//! Snapshots of what the macros make. After a change: `UPDATE_EXPECT=1 cargo test -p jobs-macros`, and read the difference.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

use crate::{expand_job, recurring::recurring};

fn check(arguments: TokenStream, item: TokenStream, expected: &ExpectFile) {
    let tokens = expand_job(arguments, item);
    let file = syn::parse2(tokens).expect("what the macro makes is Rust");
    expected.assert_eq(&format!("//! What `#[job]` makes; see `src/tests.rs`.\n\n{}", prettyplease::unparse(&file)));
}

#[test]
fn a_job_without_anything() {
    check(
        quote!(),
        quote!(
            async fn tick() {}
        ),
        &expect_file!["../snapshots/plain.rs"],
    );
}

#[test]
fn every_kind_of_parameter() {
    let item = quote! {
        /// Sends the welcome mail.
        #[cfg(feature = "mail")]
        pub(crate) async fn send_welcome(
            ctx: &JobContext,
            #[state] mailer: &Mailer,
            user: UserId,
            name: String,
            title: &str,
            tags: &[Tag],
            file: &Path,
            lent: &Address,
            _unused: bool,
        ) -> Result<Receipt, MailError> {
            mailer.send(user)
        }
    };
    check(quote!(), item, &expect_file!["../snapshots/parameters.rs"]);
}

#[test]
fn every_attribute() {
    let arguments = quote! {
        name = "mail.welcome",
        alias("mail.hello", "hello"),
        queue = "mail",
        priority = "high",
        attempts = 5,
        backoff = "linear(10s, 1h)",
        timeout = "30s",
        expires = "10m",
        retry_if = MailError::is_transient,
        fatal = MailError::is_fatal,
        on_exhausted = "delete",
        retain = "7d",
        summary = "Welcome {user}",
        secret(password),
        codec = "json",
        version = 2,
        upgrade = from_version_1,
        crate = "my_jobs"
    };
    let item = quote! {
        async fn send_welcome(user: u64, password: String) -> Result<(), MailError> {
            Ok(())
        }
    };
    check(arguments, item, &expect_file!["../snapshots/attributes.rs"]);
}

#[test]
fn a_blocking_job_that_recurs() {
    let item = quote! {
        #[recurring("0 0 L * *", tz = "Europe/Istanbul", misfire = "all", cap = 10, args(42))]
        #[recurring("@daily", id = "daily", overlap = "skip", args(7))]
        fn report(customer: u64) -> anyhow::Result<()> {
            Ok(())
        }
    };
    check(quote!(queue = "reports"), item, &expect_file!["../snapshots/recurring.rs"]);
}

#[test]
fn a_broken_signature_leaves_what_callers_need() {
    let item = quote!(
        async fn work<T>(ctx: &JobContext, x: T, list: &mut Vec<u8>) {}
    );
    check(quote!(attempts = 0), item, &expect_file!["../snapshots/broken.rs"]);
}

#[test]
fn recurring_above_a_job_moves_below() {
    let moved = recurring(
        quote!("@daily"),
        quote!(
            #[job]
            #[recurring("@hourly", id = "hourly")]
            async fn tick() {}
        ),
    );
    let expected = quote!(
        #[job]
        #[recurring("@hourly", id = "hourly")]
        #[recurring("@daily")]
        async fn tick() {}
    );
    assert_eq!(moved.to_string(), expected.to_string());
}
