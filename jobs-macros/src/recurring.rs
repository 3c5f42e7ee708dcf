//! `#[recurring(..)]` when it is expanded itself, which happens where it stands above `#[job]`: it moves below.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, ItemFn, parse_quote};

use crate::{attr::RecurringAttr, diagnostics::Problems, fallback, model::is_named};

/// Hands the arguments on to the `#[job]` that stands below.
pub(crate) fn recurring(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::not_a_function("recurring", item, error),
    };
    if function.attrs.iter().any(|attr| is_named(attr, "job")) {
        let attribute: Attribute = parse_quote!(#[recurring(#arguments)]);
        function.attrs.push(attribute);
        return quote!(#function);
    }
    let mut problems = Problems::default();
    problems.at(
        Span::call_site(),
        "`#[recurring(..)]` needs a job to run; write `#[job]` on the same function, below or above it",
    );
    RecurringAttr::parse(Span::call_site(), arguments, &mut problems);
    let errors = problems.into_tokens();
    quote!(#errors #function)
}
