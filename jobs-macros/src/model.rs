//! The job as the macro sees it: the function, its parameters sorted by where their values come from, and what the
//! attributes said. Keeps the user's own tokens, so that later errors point at them.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Ident, ItemFn, LitStr, Meta, ReturnType, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    attr::{JobAttr, RecurringAttr},
    diagnostics::Problems,
    param::{Input, is_passed},
    parent::Taken,
    validate,
};

/// A job.
pub(crate) struct Job {
    /// The function without the attributes that only this macro knows.
    pub(crate) function: ItemFn,
    /// The conditions that stand on the function; everything generated has them too.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) attr: JobAttr,
    /// What the function is called with, in order.
    pub(crate) inputs: Vec<Input>,
    /// How many values a caller passes, counting parameters that could not be read.
    pub(crate) arity: usize,
    pub(crate) returns: Returns,
    pub(crate) recurring: Vec<RecurringAttr>,
    /// Whether the signature itself is wrong, so that no call of the function can be written.
    pub(crate) broken: bool,
}

/// What the function returns.
pub(crate) enum Returns {
    Nothing,
    Value(Box<Type>),
}

/// A stored parameter.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) shape: Shape,
}

/// How a stored parameter's value is stored and handed to the function.
pub(crate) enum Shape {
    /// As it is.
    Owned(Type),
    /// As it is; `new` takes whatever converts into it (`String`, `PathBuf`).
    Converted(Type),
    /// `&str`, stored as a `String`.
    Text(Span),
    /// `&Path`, stored as a `PathBuf`.
    Path(Span),
    /// `&[T]`, stored as a `Vec<T>`.
    Slice(Type),
    /// `&T`, stored as a `T`.
    Lent(Type),
}

impl Job {
    /// Reads the function; notes every mistake and goes on, so that the rest can be checked too.
    pub(crate) fn read(attr: TokenStream, mut function: ItemFn, problems: &mut Problems) -> Self {
        let attr = JobAttr::parse(attr, problems);
        let recurring = take_recurring(&mut function.attrs, problems);
        take_second_job(&mut function.attrs, problems);
        let before = problems.len();
        validate::signature(&function.sig, problems);
        let arity = function.sig.inputs.iter().filter(|input| is_passed(input)).count();
        let inputs: Vec<Input> =
            function.sig.inputs.iter_mut().filter_map(|input| Input::read(input, problems)).collect();
        let returns = match &function.sig.output {
            ReturnType::Default => Returns::Nothing,
            ReturnType::Type(_, ty) => Returns::Value(ty.clone()),
        };
        let cfgs = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
        let mut job = Self { function, cfgs, attr, inputs, arity, returns, recurring, broken: problems.len() > before };
        validate::parameters(&job, problems);
        job.broken |= problems.len() > before;
        validate::attributes(&mut job, problems);
        job
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.function.sig.ident
    }

    /// The parameters whose values are stored, in order.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Param> {
        self.inputs.iter().filter_map(|input| match input {
            Input::Stored(param) => Some(param),
            _ => None,
        })
    }

    /// Whether the function is a plain `fn`, which runs where it may block.
    pub(crate) fn blocking(&self) -> bool {
        self.function.sig.asyncness.is_none()
    }

    /// The parameters that take something from the job's parents: more than one is a mistake.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &Taken> {
        self.inputs.iter().filter_map(|input| match input {
            Input::Taken(taken) => Some(taken),
            _ => None,
        })
    }
}

impl Shape {
    /// Whether the function gets a reference to the stored value.
    pub(crate) fn is_lent(&self) -> bool {
        match self {
            Self::Owned(_) | Self::Converted(_) => false,
            Self::Text(_) | Self::Path(_) | Self::Slice(_) | Self::Lent(_) => true,
        }
    }
}

impl Param {
    /// The name under which the value is stored: a leading underscore says that the function does not use it, which is no
    /// part of the layout.
    pub(crate) fn stored_name(&self) -> String {
        let name = self.name.unraw().to_string();
        let bare = name.trim_start_matches('_');
        if bare.is_empty() || bare.starts_with(|letter: char| letter.is_ascii_digit()) { name } else { bare.to_owned() }
    }
}

/// Takes the `#[recurring(..)]` that stand below `#[job]` off the function.
fn take_recurring(attrs: &mut Vec<Attribute>, problems: &mut Problems) -> Vec<RecurringAttr> {
    let mut recurring = vec![];
    attrs.retain(|attr| {
        if !is_named(attr, "recurring") {
            return true;
        }
        let tokens = match &attr.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) => TokenStream::new(),
            Meta::NameValue(pair) => pair.value.to_token_stream(),
        };
        recurring.extend(RecurringAttr::parse(attr.path().span(), tokens, problems));
        false
    });
    recurring
}

/// A function is one job.
fn take_second_job(attrs: &mut Vec<Attribute>, problems: &mut Problems) {
    attrs.retain(|attr| {
        let second = is_named(attr, "job");
        if second {
            problems.on(attr, "`#[job]` stands twice on this function; keep one of them");
        }
        !second
    });
}

/// Whether an attribute is the one of that name, also written with the crate's path.
pub(crate) fn is_named(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == name)
}

/// A text literal's value, or the default.
pub(crate) fn text_or(literal: Option<&LitStr>, default: &str) -> String {
    literal.map_or_else(|| default.to_owned(), LitStr::value)
}
