//! What a job takes from its parents: the types that the compiler checks, and the calls that read it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{ends, located, stored_type};
use crate::{
    model::Job,
    parent::{Taken, What, Word},
};

/// What `enqueue` returns, and the word that makes it: one that takes something from a parent cannot be awaited before it has one.
pub(super) fn builder(job: &Job) -> (TokenStream, TokenStream) {
    let private = job.attr.root.private();
    if job.taken().next().is_none() {
        return (quote!(#private::Enqueue<'static, Self>), quote!(new));
    }
    (quote!(#private::Enqueue<'static, Self, #private::NeedsAfterParent>), quote!(needing))
}

/// Reads what a parameter takes from the parents, at the place of its type.
pub(super) fn take(taken: &Taken, run: &Ident, private: &TokenStream) -> TokenStream {
    match &taken.what {
        What::Output(shape) => {
            let ty = stored_type(shape, private);
            quote_spanned!(ty.span()=> #private::parent::<#ty>(&#run))
        }
        What::Outputs { each, .. } => quote_spanned!(each.span()=> #private::parents::<#each>(&#run)),
        What::Error { .. } => quote!(#private::parent_error(&#run)),
    }
}

/// What the job takes, unless its signature is broken: what that takes is anyone's guess, so everything may be its parent.
fn taken(job: &Job) -> Option<&Taken> {
    job.taken().next().filter(|_| !job.broken)
}

/// The type that the compiler checks parents against, all of it at the place of what the user wrote.
pub(super) fn parent(job: &Job) -> TokenStream {
    let private = job.attr.root.private();
    let ty = match taken(job).map(|taken| &taken.what) {
        None => return quote!(type Parent = #private::Free;),
        Some(What::Error { .. }) => return quote!(type Parent = #private::Caught;),
        Some(What::Output(shape)) => stored_type(shape, &private),
        Some(What::Outputs { each, .. }) => each.to_token_stream(),
    };
    let (first, last) = ends(&ty);
    let private = located(private, first);
    let open = match taken(job).map(Taken::word) {
        Some(Word::Parents) => quote_spanned!(first=> type Parent = #private::Many<),
        _ => quote_spanned!(first=> type Parent = #private::One<),
    };
    let close = quote_spanned!(last=> >;);
    quote!(#open #ty #close)
}

/// The same as a word of the descriptor.
pub(super) fn takes(job: &Job) -> TokenStream {
    match taken(job).map(Taken::word) {
        None => quote!(Nothing),
        Some(Word::Parent) => quote!(Parent),
        Some(Word::Parents) => quote!(Parents),
        Some(Word::ParentError) => quote!(Error),
    }
}
