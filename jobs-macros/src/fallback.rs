//! What is emitted beside the errors, so that one mistake does not make every use of the job an error too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::{diagnostics::Problems, expand, model::Job, validate};

/// The errors, the user's function, and a job type that takes what the function takes.
pub(crate) fn job(job: &Job, problems: Problems) -> TokenStream {
    let errors = problems.into_tokens();
    let function = &job.function;
    if validate::is_method(&function.sig) {
        return quote!(#errors #function);
    }
    if !job.broken {
        let rest = expand::job(job);
        return quote!(#errors #rest);
    }
    let private = job.attr.root.private();
    let (name, vis, cfgs) = (job.name(), &function.vis, &job.cfgs);
    let allowed = expand::allowed();
    let serde = job.attr.root.text("serde");
    let any: Vec<_> = (0..job.arity).map(|_| quote!(_: impl #private::core::marker::Sized)).collect();
    let impls = expand::impls(job, &quote!(|_| #private::core::unreachable!()));
    quote! {
        #errors
        #function

        #(#cfgs)*
        #[doc(hidden)]
        #allowed
        #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
        #[serde(crate = #serde)]
        #vis struct #name {}

        #(#cfgs)*
        #allowed
        impl #name {
            #vis fn new(#(#any),*) -> Self {
                Self {}
            }

            #vis fn enqueue(#(#any),*) -> #private::Enqueue<'static, Self> {
                #private::Enqueue::new(Self {})
            }
        }

        #impls
    }
}

/// The errors for an item that is no function with a body, and the item as it was.
pub(crate) fn not_a_function(attribute: &str, item: TokenStream, error: syn::Error) -> TokenStream {
    let mut problems = Problems::default();
    let what = match syn::parse2(item.clone()) {
        Ok(Item::Struct(_)) => "a struct",
        Ok(Item::Enum(_)) => "an enum",
        Ok(Item::Impl(_)) => "an `impl` block",
        Ok(Item::Trait(_)) => "a trait",
        Ok(Item::Mod(_)) => "a module",
        Ok(Item::Const(_) | Item::Static(_)) => "a constant",
        Ok(Item::Verbatim(_)) => "one without a body",
        Ok(_) => "another item",
        Err(_) => "",
    };
    if what.is_empty() {
        problems.push(error);
    } else {
        problems.on(
            &item,
            format!("`#[{attribute}]` goes on a function, and this is {what}; put it on the function to run"),
        );
    }
    let errors = problems.into_tokens();
    quote!(#errors #item)
}
