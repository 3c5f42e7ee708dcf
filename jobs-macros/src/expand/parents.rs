//! What a job takes from its parents: the types that the compiler checks, and the calls that read it.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{located, stored_type};
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

/// What the job takes from its parents: as a type that the compiler checks, and as a word of the descriptor.
pub(super) fn types(job: &Job) -> (TokenStream, TokenStream) {
    let private = job.attr.root.private();
    // What a broken signature takes is anyone's guess, so everything may be its parent.
    let Some(taken) = job.taken().next().filter(|_| !job.broken) else {
        return (quote!(#private::Free), quote!(Nothing));
    };
    let word = match taken.word() {
        Word::Parent => quote!(Parent),
        Word::Parents => quote!(Parents),
        Word::ParentError => quote!(Error),
    };
    let ty = match &taken.what {
        What::Output(shape) => {
            let ty = stored_type(shape, &private);
            let private = located(private, ty.span());
            quote_spanned!(ty.span()=> #private::One<#ty>)
        }
        What::Outputs { each, .. } => {
            let private = located(private, each.span());
            quote_spanned!(each.span()=> #private::Many<#each>)
        }
        What::Error { .. } => quote!(#private::Caught),
    };
    (ty, word)
}
