//! Model to tokens. Cannot fail; everything that takes more than naming things is in the runtime's `private` module.

mod parents;

use std::time::Duration;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{ExprPath, LitStr, ext::IdentExt, spanned::Spanned};

use crate::{
    attr::{Backoff, Codec, Misfire, RecurringAttr},
    docs,
    model::{Job, Param, Returns, Shape},
    param::Input,
};

/// The lints that generated items would trip over without the user's doing.
pub(crate) fn allowed() -> TokenStream {
    quote!(#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)])
}

/// The function and everything that makes it a job.
pub(crate) fn job(job: &Job) -> TokenStream {
    let function = docs::documented(job);
    let type_ = job_type(job);
    let impls = impls(job, &run(job));
    let private = job.attr.root.private();
    let (name, cfgs) = (job.name(), &job.cfgs);
    quote! {
        #function
        #type_
        #impls
        #(#cfgs)*
        #private::inventory::submit! { <#name as #private::Job>::DESCRIPTOR }
    }
}

/// The type that has the function's name and holds its stored parameters.
fn job_type(job: &Job) -> TokenStream {
    let private = job.attr.root.private();
    let (name, vis, cfgs) = (job.name(), &job.function.vis, &job.cfgs);
    let allowed = allowed();
    let serde = job.attr.root.text("serde");
    // At the place of the function, where the compiler points for a call with wrong args.
    let (new, enqueue) = (Ident::new("new", name.span()), Ident::new("enqueue", name.span()));
    let (builder, make) = parents::builder(job);
    let serialize = serialize(job);
    let fields = job.stored().map(|param| field(job, param));
    let parameters: Vec<_> = job.stored().map(|param| parameter(param, &private)).collect();
    let names: Vec<_> = job.stored().map(|param| &param.name).collect();
    let values = job.stored().map(|param| {
        let name = &param.name;
        match param.shape {
            Shape::Converted(_) | Shape::Text(_) | Shape::Path(_) => quote!(#name: #private::Into::into(#name)),
            Shape::Owned(_) | Shape::Slice(_) | Shape::Lent(_) => quote!(#name: #name),
        }
    });
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #allowed
        #[derive(#private::serde::Deserialize)]
        #[serde(crate = #serde)]
        #vis struct #name { #(#fields,)* }

        #serialize

        #(#cfgs)*
        #allowed
        impl #name {
            #vis fn #new(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }

            #vis fn #enqueue(#(#parameters),*) -> #builder {
                #private::Enqueue::#make(Self::new(#(#names),*))
            }
        }
    }
}

/// Writes the stored parameters. Not derived, because errors in what is derived point at the attribute and not at the type.
fn serialize(job: &Job) -> TokenStream {
    let private = job.attr.root.private();
    let (name, cfgs) = (job.name(), &job.cfgs);
    let allowed = allowed();
    let text = name.unraw().to_string();
    let count = job.stored().count();
    let mutability = (count > 0).then(|| quote!(mut));
    let serializer = Ident::new("__serializer", Span::mixed_site());
    let fields = job.stored().map(|param| {
        let (name, stored) = (&param.name, param.stored_name());
        let ty = stored_type(&param.shape, &private);
        let span = ty.span();
        let ty = located(ty, span);
        let private = located(private.clone(), span);
        let write = quote_spanned!(span=> <#ty as #private::Field>::write);
        quote!(#write(&self.#name, #stored, &mut #serializer)?;)
    });
    quote! {
        #(#cfgs)*
        #allowed
        impl #private::serde::Serialize for #name {
            fn serialize<__S: #private::serde::Serializer>(
                &self,
                #serializer: __S,
            ) -> #private::Result<__S::Ok, __S::Error> {
                let #mutability #serializer =
                    #private::serde::Serializer::serialize_struct(#serializer, #text, #count)?;
                #(#fields)*
                #private::serde::ser::SerializeStruct::end(#serializer)
            }
        }
    }
}

/// The tokens as if they stood at one place, with the names that they had.
fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let mut group = Group::new(group.delimiter(), located(group.stream(), span));
            group.set_span(span);
            return TokenTree::Group(group);
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(locate).collect()
}

/// A stored field. It is written and read through one trait, whose absence is one readable error at the user's type.
fn field(job: &Job, param: &Param) -> TokenStream {
    let ty = stored_type(&param.shape, &job.attr.root.private());
    let name = &param.name;
    let span = ty.span();
    let read = LitStr::new(&job.attr.root.text("Field::read"), span);
    let stored = param.stored_name();
    let rename = (name.unraw() != stored).then(|| quote!(rename = #stored,));
    quote!(#[serde(#rename deserialize_with = #read)] #name: #ty)
}

/// The type that a value is stored as.
fn stored_type(shape: &Shape, private: &TokenStream) -> TokenStream {
    match shape {
        Shape::Owned(ty) | Shape::Converted(ty) | Shape::Lent(ty) => ty.to_token_stream(),
        Shape::Text(span) => quote_spanned!(*span=> #private::String),
        Shape::Path(span) => quote_spanned!(*span=> #private::PathBuf),
        Shape::Slice(elem) => {
            let private = located(private.clone(), elem.span());
            quote_spanned!(elem.span()=> #private::Vec<#elem>)
        }
    }
}

/// A parameter of `new` and `enqueue`.
fn parameter(param: &Param, private: &TokenStream) -> TokenStream {
    let name = &param.name;
    let ty = stored_type(&param.shape, private);
    match param.shape {
        Shape::Converted(_) | Shape::Text(_) | Shape::Path(_) => quote!(#name: impl #private::Into<#ty>),
        Shape::Owned(_) | Shape::Slice(_) | Shape::Lent(_) => quote!(#name: #ty),
    }
}

/// The function pointer that runs an attempt.
fn run(job: &Job) -> TokenStream {
    let private = job.attr.root.private();
    let function = job.name();
    let run = Ident::new("__run", Span::mixed_site());
    let args = Ident::new("__args", Span::mixed_site());
    let mut lets = vec![];
    let mut states = 0_usize;
    let mut values = vec![];
    for input in &job.inputs {
        match input {
            Input::Context => values.push(quote!(#run.context())),
            Input::State(ty) => {
                let state = format_ident!("__state_{}", states, span = Span::mixed_site());
                states += 1;
                lets.push(quote_spanned!(ty.span()=> let #state = #private::state::<#ty>(&#run)?;));
                values.push(quote!(&*#state));
            }
            Input::Taken(taken) => {
                let value = Ident::new("__parent", Span::mixed_site());
                let call = parents::take(taken, &run, &private);
                lets.push(quote!(let #value = #call?;));
                values.push(if taken.is_lent() { quote!(&#value) } else { quote!(#value) });
            }
            Input::Stored(Param { name, shape }) => {
                values.push(if shape.is_lent() { quote!(&#args.#name) } else { quote!(#args.#name) });
            }
        }
    }
    let decode = match &job.attr.upgrade {
        None => quote!(#private::decode::<#function>(&#run)?),
        Some(upgrade) => {
            quote_spanned!(upgrade.span()=> #private::decode_or_upgrade::<#function, _, _>(&#run, #upgrade)?)
        }
    };
    let args = if job.stored().next().is_some() {
        quote!(let #args: #function = #decode;)
    } else {
        quote!(let _: #function = #decode;)
    };
    let rules = match (&job.attr.fatal, &job.attr.retry_if) {
        (None, None) => quote!(),
        (fatal, retry_if) => {
            let fatal = rule(fatal.as_ref(), &private, "never");
            let retry_if = rule(retry_if.as_ref(), &private, "always");
            quote!(, #fatal, #retry_if)
        }
    };
    let conclude = returning(job, if rules.is_empty() { "conclude" } else { "conclude_by" });
    let await_ = (!job.blocking()).then(|| quote!(.await));
    let body = quote! {
        #args
        #(#lets)*
        #conclude(#function(#(#values),*) #await_, &#run #rules)
    };
    if job.blocking() {
        quote!(|#run| #private::blocking(#run, |#run| { #body }))
    } else {
        quote!(|#run| #private::boxed(async move { #body }))
    }
}

fn rule(path: Option<&ExprPath>, private: &TokenStream, default: &str) -> TokenStream {
    let default = Ident::new(default, Span::call_site());
    path.map_or_else(|| quote!(#private::#default), ToTokens::to_token_stream)
}

/// `<R as Return>::word`, all of it at the place of the return type, so that each use of a type that is not allowed gives the
/// same error and the compiler shows it once.
pub(crate) fn returning(job: &Job, word: &str) -> TokenStream {
    let private = job.attr.root.private();
    match &job.returns {
        Returns::Nothing => {
            let word = Ident::new(word, Span::call_site());
            quote!(<() as #private::Return>::#word)
        }
        Returns::Value(ty) => {
            let (first, last) = ends(ty);
            let word = Ident::new(word, last);
            let private = located(private, first);
            let open = quote_spanned!(first=> <);
            let rest = quote_spanned!(first=> as #private::Return>::);
            quote!(#open #ty #rest #word)
        }
    }
}

/// The places of the first and the last token.
fn ends(ty: &impl ToTokens) -> (Span, Span) {
    let mut spans = ty.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// The trait implementations, with a given function pointer for running.
pub(crate) fn impls(job: &Job, run: &TokenStream) -> TokenStream {
    let private = job.attr.root.private();
    let (name, cfgs) = (job.name(), &job.cfgs);
    let allowed = allowed();
    let descriptor = descriptor(job, run);
    let output = output(job);
    let parent = parents::parent(job);
    let standalone = (job.broken || job.taken().next().is_none()).then(|| {
        quote! {
            #(#cfgs)*
            impl #private::Standalone for #name {}
        }
    });
    quote! {
        #(#cfgs)*
        #allowed
        impl #private::Job for #name {
            #output
            #parent
            const DESCRIPTOR: &'static #private::Descriptor = {
                static __DESCRIPTOR: #private::Descriptor = #descriptor;
                &__DESCRIPTOR
            };
        }

        #standalone
    }
}

fn output(job: &Job) -> TokenStream {
    let output = if job.broken { quote!(()) } else { returning(job, "Output") };
    let (first, last) = match &job.returns {
        Returns::Value(ty) => ends(ty),
        Returns::Nothing => (Span::call_site(), Span::call_site()),
    };
    let type_ = quote_spanned!(first=> type);
    quote_spanned!(last=> #type_ Output = #output;)
}

fn descriptor(job: &Job, run: &TokenStream) -> TokenStream {
    let private = job.attr.root.private();
    let attr = &job.attr;
    let name = job.name();
    let kind = kind(job);
    let aliases = &attr.aliases;
    let params = job.stored().map(Param::stored_name);
    let secret = attr.secret.iter().map(|secret| secret.unraw().to_string());
    let summary = option(attr.summary.as_ref().map(ToTokens::to_token_stream), &private);
    let blocking = job.blocking();
    let options = options(job);
    let backoff = backoff(attr.backoff.as_ref(), &private);
    let codec = match attr.codec {
        Codec::Bincode => quote!(#private::Codec::Bincode),
        Codec::Json => quote!(#private::Codec::Json),
    };
    let version = attr.version.unwrap_or(1);
    let states = job.inputs.iter().filter_map(|input| match input {
        Input::State(ty) => Some(quote!(#private::StateType::of::<#ty>())),
        _ => None,
    });
    let takes = parents::takes(job);
    let recurring = job.recurring.iter().map(|attr| recurring(attr, job.name(), &kind, &private));
    quote! {
        #private::Descriptor {
            kind: #kind,
            aliases: &[#(#aliases),*],
            place: #private::Place {
                module: #private::core::module_path!(),
                file: #private::core::file!(),
                line: #private::core::line!(),
            },
            params: &[#(#params),*],
            secret: &[#(#secret),*],
            summary: #summary,
            blocking: #blocking,
            options: #options,
            backoff: #backoff,
            codec: #codec,
            version: #version,
            args_layout: #private::args_layout::<#name>,
            output_layout: #private::output_layout::<#name>,
            run: #run,
            args_to_json: #private::args_to_json::<#name>,
            args_from_json: #private::args_from_json::<#name>,
            output_to_json: #private::output_to_json::<#name>,
            states: || #private::states([#(#states),*]),
            takes: #private::Takes::#takes,
            recurring: &[#(#recurring),*],
        }
    }
}

/// The kind's name: what the user said, or the path of the function.
fn kind(job: &Job) -> TokenStream {
    if let Some(name) = &job.attr.name {
        return name.to_token_stream();
    }
    let private = job.attr.root.private();
    let name = job.name().unraw().to_string();
    quote!(#private::core::concat!(#private::core::module_path!(), "::", #name))
}

fn options(job: &Job) -> TokenStream {
    let private = job.attr.root.private();
    let attr = &job.attr;
    let default = quote!(#private::Options::DEFAULT);
    let or = |value: Option<TokenStream>, field: &str| {
        let field = Ident::new(field, Span::call_site());
        value.unwrap_or_else(|| quote!(#default.#field))
    };
    let queue = or(attr.queue.as_ref().map(ToTokens::to_token_stream), "queue");
    let priority = or(attr.priority.map(ToTokens::into_token_stream), "priority");
    let attempts = or(attr.attempts.map(ToTokens::into_token_stream), "attempts");
    let time = |value: Option<Duration>| option(value.map(|value| duration(value, &private)), &private);
    let (timeout, expires, retain) = (time(attr.timeout), time(attr.expires), time(attr.retain));
    let on_exhausted = if attr.delete_exhausted { quote!(Delete) } else { quote!(Fail) };
    quote! {
        #private::Options {
            queue: #queue,
            priority: #priority,
            attempts: #attempts,
            timeout: #timeout,
            expires: #expires,
            on_exhausted: #private::OnExhausted::#on_exhausted,
            retain: #retain,
        }
    }
}

fn option(value: Option<TokenStream>, private: &TokenStream) -> TokenStream {
    match value {
        Some(value) => quote!(#private::Some(#value)),
        None => quote!(#private::None),
    }
}

fn duration(value: Duration, private: &TokenStream) -> TokenStream {
    let (seconds, nanos) = (value.as_secs(), value.subsec_nanos());
    quote!(#private::Duration::new(#seconds, #nanos))
}

fn backoff(backoff: Option<&Backoff>, private: &TokenStream) -> TokenStream {
    let time = |value: &Duration| duration(*value, private);
    match backoff {
        None => quote!(#private::BACKOFF),
        Some(Backoff::Constant(wait)) => {
            let wait = time(wait);
            quote!(#private::Backoff::Constant(#wait))
        }
        Some(Backoff::Linear(base, cap)) => {
            let (base, cap) = (time(base), time(cap));
            quote!(#private::Backoff::Linear { base: #base, cap: #cap })
        }
        Some(Backoff::Exponential(base, cap)) => {
            let (base, cap) = (time(base), time(cap));
            quote!(#private::Backoff::Exponential { base: #base, cap: #cap })
        }
        Some(Backoff::Custom(path)) => quote!(#private::Backoff::Custom(#path)),
    }
}

fn recurring(attr: &RecurringAttr, name: &Ident, kind: &TokenStream, private: &TokenStream) -> TokenStream {
    let RecurringAttr { cron, .. } = attr;
    let id = attr.id.as_ref().map_or_else(|| kind.clone(), ToTokens::to_token_stream);
    let zone = attr.zone.as_ref().map_or_else(|| quote!("UTC"), ToTokens::to_token_stream);
    let misfire = match attr.misfire {
        Misfire::Once => quote!(Once),
        Misfire::Skip => quote!(Skip),
        Misfire::All(cap) => quote!(All { cap: #cap }),
    };
    let overlap = if attr.skip_overlap { quote!(Skip) } else { quote!(Allow) };
    let args = attr.args.iter().flatten();
    quote! {
        #private::Recurring {
            id: #id,
            cron: #cron,
            zone: #zone,
            misfire: #private::Misfire::#misfire,
            overlap: #private::Overlap::#overlap,
            args: || #private::encode_args(&#name::new(#(#args),*)),
        }
    }
}
