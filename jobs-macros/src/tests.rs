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
fn what_is_taken_from_parents_is_not_stored() {
    let one = quote! {
        async fn ship(order: &Order, #[parent] receipt: &Receipt, copies: u8) -> Result<(), MailError> {
            Ok(())
        }
    };
    check(quote!(), one, &expect_file!["../snapshots/parent.rs"]);
    let several = quote! {
        async fn join(title: String, #[parents] parts: Vec<Part>) {}
    };
    check(quote!(), several, &expect_file!["../snapshots/parents.rs"]);
    let failed = quote! {
        fn alert(#[parent_error] error: &str) {}
    };
    check(quote!(), failed, &expect_file!["../snapshots/parent_error.rs"]);
}

#[test]
fn each_form_lends_or_gives_what_was_taken() {
    for (parameter, ty, call, value) in [
        (quote!(#[parent] x: Order), "One < Order >", "parent :: < Order >", "__parent"),
        (quote!(#[parent] x: &Order), "One < Order >", "parent :: < Order >", "& __parent"),
        (quote!(#[parent] x: String), "One < String >", "parent :: < String >", "__parent"),
        (quote!(#[parent] x: &str), "One < :: jobs :: __private :: String >", "parent :: <", "& __parent"),
        (quote!(#[parent] x: &[u8]), "One < :: jobs :: __private :: Vec < u8 > >", "parent :: <", "& __parent"),
        (quote!(#[parent] x: ()), "One < () >", "parent :: < () >", "__parent"),
        (quote!(#[parents] x: Vec<Order>), "Many < Order >", "parents :: < Order >", "__parent"),
        (quote!(#[parents] x: std::vec::Vec<Order>), "Many < Order >", "parents :: < Order >", "__parent"),
        (quote!(#[parents] x: &[Order]), "Many < Order >", "parents :: < Order >", "& __parent"),
        (quote!(#[parents] x: Vec<Vec<u8>>), "Many < Vec < u8 > >", "parents :: < Vec < u8 > >", "__parent"),
        (quote!(#[parent_error] x: String), "Caught", "parent_error (", "__parent"),
        (quote!(#[parent_error] x: &str), "Caught", "parent_error (", "& __parent"),
    ] {
        let made = expand_job(quote!(), quote!(async fn work(#parameter) {})).to_string();
        assert!(!made.contains("compile_error"), "{parameter}: {made}");
        for part in [
            format!("type Parent = :: jobs :: __private :: {ty} ;"),
            format!("__private :: {call}"),
            format!("work ({value}) . await"),
        ] {
            assert!(made.contains(&part), "{parameter} makes no `{part}`: {made}");
        }
        assert!(made.contains("params : & []") && !made.contains("Standalone"), "{parameter}: {made}");
    }
}

/// The mistakes that a job with these parameters has.
fn mistakes(attributes: TokenStream, parameters: TokenStream) -> Vec<String> {
    let made = expand_job(quote!(), quote!(#attributes async fn work(#parameters) {}));
    let file: syn::File = syn::parse2(made).expect("what the macro makes is Rust");
    let text = |item| match item {
        syn::Item::Macro(error) if error.mac.path.segments.last()?.ident == "compile_error" => {
            Some(error.mac.parse_body::<syn::LitStr>().expect("a text").value())
        }
        _ => None,
    };
    file.items.into_iter().filter_map(text).collect()
}

#[test]
fn every_misuse_of_what_is_taken_is_one_error_that_says_what_to_write() {
    let several = "write `#[parents] xs: Vec<T>` once";
    let list = "write `#[parents] name: Vec<T>` or `#[parents] name: &[T]`";
    let text = "write `#[parent_error] name: String` or `#[parent_error] name: &str`";
    for (parameters, remedies) in [
        (quote!(#[parent] a: u8, #[parent] b: u8), vec![several]),
        (quote!(#[parent] a: u8, #[parent] b: u8, #[parent] c: u8), vec![several, several]),
        (quote!(#[parents] a: Vec<u8>, #[parents] b: Vec<u8>), vec!["keep one of them"]),
        (quote!(#[parent] a: u8, #[parents] b: Vec<u8>), vec!["keep `#[parents] xs: Vec<T>`"]),
        (quote!(#[parents] a: Vec<u8>, #[parent] b: u8), vec!["keep `#[parents] xs: Vec<T>`"]),
        (quote!(#[parent_error] a: &str, #[parent_error] b: &str), vec!["keep one of them"]),
        (quote!(#[parent] a: u8, #[parent_error] b: &str), vec!["write one job for each"]),
        (quote!(#[parent_error] a: &str, #[parents] b: &[u8]), vec!["write one job for each"]),
        (quote!(#[parents] a: [u8; 2]), vec![list]),
        (quote!(#[parents] a: &Vec<u8>), vec![list]),
        (quote!(#[parents] a: &mut [u8]), vec![list]),
        (quote!(#[parents] a: Vec), vec![list]),
        (quote!(#[parents] a: Vec<&str>), vec!["write `String`"]),
        (quote!(#[parent_error] a: u8), vec![text]),
        (quote!(#[parent_error] a: &String), vec![text]),
        (quote!(#[parent_error] a: str), vec![text]),
        (quote!(#[parent] a: &mut u8), vec!["write `&T` or take it by value"]),
        (quote!(#[parent] a: Vec<&str>), vec!["write `String`"]),
        (quote!(#[parent] a: &JobContext), vec!["take `#[parent]` out"]),
        (quote!(#[parent = "a"] a: u8), vec!["write `#[parent] name: T`"]),
        (quote!(#[parents(2)] a: Vec<u8>), vec!["write `#[parents] name: Vec<T>`"]),
        (quote!(#[parent_error()] a: String), vec!["write `#[parent_error] name: String`"]),
        (quote!(#[parent] #[parent] a: u8), vec!["stands twice; keep one"]),
        (quote!(#[parent] #[parents] a: Vec<u8>), vec!["`#[parent]` and `#[parents]` both say"]),
        (quote!(#[parent] #[state] a: &u8), vec!["`#[parent]` and `#[state]` both say"]),
        (quote!(#[state] #[parent_error] a: &str), vec!["`#[state]` and `#[parent_error]` both say"]),
        (quote!(#[parent] (a, b): (u8, u8)), vec!["name it and take it apart"]),
        (quote!(#[parant] a: u8), vec!["takes `#[state]`, `#[parent]`"]),
    ] {
        let found = mistakes(quote!(), parameters.clone());
        assert_eq!(found.len(), remedies.len(), "{parameters}: {found:?}");
        for (found, remedy) in found.iter().zip(remedies) {
            assert!(found.contains(remedy), "{parameters}: {found}");
        }
    }
    for parameters in [quote!(#[parent] a: u8), quote!(#[parents] a: Vec<u8>), quote!(#[parent_error] a: String)] {
        let found = mistakes(quote!(#[recurring("@daily")] #[recurring("@hourly", id = "b")]), parameters.clone());
        assert_eq!(found.len(), 2, "{parameters}: {found:?}");
        assert!(
            found.iter().all(|found| found.contains("runs by itself and has no parent")),
            "{parameters}: {found:?}"
        );
    }
}

#[test]
fn a_mistake_in_what_is_taken_does_not_change_what_callers_pass() {
    let item = quote!(
        async fn work(#[parents] list: u8, #[state] pool: Pool, ctx: JobContext, title: &str) {}
    );
    let made = expand_job(quote!(), item).to_string();
    assert!(made.contains("fn enqueue (_ : impl :: jobs :: __private :: core :: marker :: Sized) ->"), "{made}");
    assert!(made.contains("type Parent = :: jobs :: __private :: Free ;"), "{made}");
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
