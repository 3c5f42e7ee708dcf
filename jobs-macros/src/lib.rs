//! The attribute macros of `jobs`. Applications use them through the facade crate.

mod attr;
mod crate_path;
mod diagnostics;
mod docs;
mod entry;
mod expand;
mod fallback;
mod model;
mod param;
mod recurring;
#[cfg(test)]
mod tests;
mod validate;
mod words;

use proc_macro::TokenStream;
use syn::ItemFn;

use crate::{diagnostics::Problems, model::Job};

#[proc_macro_attribute]
#[allow(missing_docs)]
pub fn job(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand_job(arguments.into(), item.into()).into()
}

#[proc_macro_attribute]
#[allow(missing_docs)]
pub fn recurring(arguments: TokenStream, item: TokenStream) -> TokenStream {
    recurring::recurring(arguments.into(), item.into()).into()
}

fn expand_job(arguments: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::not_a_function("job", item, error),
    };
    let mut problems = Problems::default();
    let job = Job::read(arguments, function, &mut problems);
    if problems.is_empty() { expand::job(&job) } else { fallback::job(&job, problems) }
}
