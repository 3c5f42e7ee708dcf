//! What rustdoc shows of a job: the section "As a job" below the function's own docs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use crate::{
    model::{Job, Param, Shape, text_or},
    parent::{Taken, What},
};

/// The function with the section, which exists only where rustdoc runs.
pub(crate) fn documented(job: &Job) -> TokenStream {
    let function = &job.function;
    let (attrs, vis, sig, block) = (&function.attrs, &function.vis, &function.sig, &function.block);
    let section = section(job);
    quote! {
        #(#attrs)*
        #[cfg_attr(doc, doc = #section)]
        #vis #sig #block
    }
}

fn section(job: &Job) -> String {
    let name = job.name().to_token_stream();
    let parameters: Vec<String> = job.stored().map(parameter).collect();
    let parameters = parameters.join(", ");
    let queue = text_or(job.attr.queue.as_ref(), "default");
    let taken = job.taken().next();
    let users = if taken.is_some() { "flows take" } else { "bulk calls, batches and recurring jobs take" };
    let mut text = format!(
        "\n\n# As a job\n\n```text\n{name}::enqueue({parameters}) -> Enqueue\n{name}::new({parameters}) -> {name}\n```\n\n\
         `enqueue` stores the call, and a server runs it from the queue `{queue}`; `new` makes the value that {users}."
    );
    text.extend(taken.map(from_parents));
    for recurring in &job.recurring {
        let zone = text_or(recurring.zone.as_ref(), "UTC");
        text.push_str(&format!("\n\nRuns by itself at `{}` ({zone}).", recurring.cron.value()));
    }
    text
}

/// What the job takes from its parents, and how it gets them.
fn from_parents(taken: &Taken) -> String {
    let name = taken.name.unraw();
    match &taken.what {
        What::Output(shape) => {
            let ty = stored(shape);
            format!(
                "\n\nRuns after a job whose output is a `{ty}`, named by `.after(&parent)`, and takes that output as `{name}`."
            )
        }
        What::Outputs { each, .. } => {
            let ty = plain(each);
            format!(
                "\n\nRuns after jobs whose outputs are each a `{ty}`, named by `.after(&parent)` or `.after_all(&parents)`, and takes \
                 those outputs in that order as `{name}`."
            )
        }
        What::Error { .. } => {
            format!(
                "\n\nRuns when a job has failed, named by `.after(&parent)`, and takes the text of its error as `{name}`."
            )
        }
    }
}

fn parameter(param: &Param) -> String {
    let ty = stored(&param.shape);
    let ty = match &param.shape {
        Shape::Converted(_) | Shape::Text(_) | Shape::Path(_) => format!("impl Into<{ty}>"),
        Shape::Owned(_) | Shape::Lent(_) | Shape::Slice(_) => ty,
    };
    format!("{}: {ty}", param.name.unraw())
}

/// The type that a value is stored as.
fn stored(shape: &Shape) -> String {
    match shape {
        Shape::Owned(ty) | Shape::Converted(ty) | Shape::Lent(ty) => plain(ty),
        Shape::Text(_) => "String".to_owned(),
        Shape::Path(_) => "PathBuf".to_owned(),
        Shape::Slice(elem) => format!("Vec<{}>", plain(elem)),
    }
}

/// A type as people write it: the printer of tokens puts a space round each.
fn plain(ty: impl ToTokens) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in
        [(" :: ", "::"), (":: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), (" ;", ";")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_written() {
        let ty: syn::Type = syn::parse_quote!(std::collections::HashMap<String, Vec<[u8; 4]>>);
        assert_eq!(plain(ty), "std::collections::HashMap<String, Vec<[u8; 4]>>");
    }
}
