//! One parameter of the function: where its value comes from, and how it is stored.

use syn::{
    Attribute, FnArg, GenericArgument, Ident, Pat, PatIdent, PatType, PathArguments, Type, TypePath, TypeReference,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    diagnostics::Problems,
    model::{Param, Shape},
    parent::{Taken, Word, is_context},
};

/// Where a parameter's value comes from.
pub(crate) enum Input {
    /// The `&JobContext` of the run.
    Context,
    /// A value that the server lends.
    State(Type),
    /// What the job's parents left for it.
    Taken(Taken),
    /// The stored args.
    Stored(Param),
}

/// What the attributes of a parameter say of where its value comes from.
#[derive(Default)]
enum Source {
    /// Its type decides.
    #[default]
    Plain,
    State,
    Parents(Word, Box<Attribute>),
}

impl Source {
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::State => Some("state"),
            Self::Parents(word, _) => Some(word.as_str()),
        }
    }
}

/// Attributes of the compiler's that may stand on a parameter.
const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

impl Input {
    /// Reads a parameter and takes off the attributes that only this macro knows. `None` where it has a mistake.
    pub(crate) fn read(input: &mut FnArg, problems: &mut Problems) -> Option<Self> {
        let FnArg::Typed(input) = input else { return None };
        let source = take_attributes(&mut input.attrs, problems)?;
        let name = name(&input.pat, problems);
        match source {
            Source::State => return state(&input.ty, problems).map(Self::State),
            Source::Parents(word, attribute) => {
                return Taken::read(word, attribute, name, input, problems).map(Self::Taken);
            }
            Source::Plain => {}
        }
        if let Some(context) = context(&input.ty, problems) {
            return context.then_some(Self::Context);
        }
        let shape = shape(input, problems);
        Some(Self::Stored(Param { name: name?, shape: shape? }))
    }
}

/// Whether the caller of `new` passes this parameter, also where it has a mistake.
pub(crate) fn is_passed(input: &FnArg) -> bool {
    let FnArg::Typed(input) = input else { return false };
    let is_filled = |attr: &Attribute| source(attr).is_some();
    !input.attrs.iter().any(is_filled) && !is_context(&input.ty)
}

/// What an attribute says of where the value comes from.
fn source(attr: &Attribute) -> Option<Source> {
    let path = attr.path();
    if path.is_ident("state") {
        return Some(Source::State);
    }
    Word::ALL
        .into_iter()
        .find(|word| path.is_ident(word.as_str()))
        .map(|word| Source::Parents(word, Box::new(attr.clone())))
}

/// Where the parameter's value comes from; `None` where an attribute is wrong.
fn take_attributes(attrs: &mut Vec<Attribute>, problems: &mut Problems) -> Option<Source> {
    let mut taken = Source::Plain;
    let mut sound = true;
    attrs.retain(|attr| {
        let path = attr.path();
        let mut refuse = |text: String| {
            problems.on(attr, text);
            sound = false;
        };
        if let Some(source) = source(attr) {
            let example = match &source {
                Source::Parents(word, _) => word.example(),
                Source::State | Source::Plain => "#[state] name: &Type",
            };
            match (taken.word(), source.word()) {
                (Some(first), Some(second)) if first == second => {
                    refuse(format!("`#[{first}]` stands twice; keep one of them"));
                }
                (Some(first), Some(second)) => refuse(format!(
                    "`#[{first}]` and `#[{second}]` both say where this parameter's value comes from; keep one of them"
                )),
                (None, Some(word)) if attr.meta.require_path_only().is_err() => {
                    refuse(format!("`#[{word}]` takes no arguments; write `{example}`"));
                }
                _ => {}
            }
            taken = source;
            return false;
        }
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            let word = path.segments[0].ident.to_string();
            refuse(format!(
                "`#[{word}]` on a parameter would make the stored layout depend on the build; put `#[cfg(..)]` on the whole function"
            ));
            return false;
        }
        if path.is_ident("doc") {
            refuse("a parameter of a function cannot have docs; describe it in the function's docs".to_owned());
            return false;
        }
        if !LINTS.iter().any(|lint| path.is_ident(lint)) {
            refuse(
                "a parameter of a job takes `#[state]`, `#[parent]`, `#[parents]` or `#[parent_error]` and no other attribute; \
                 take this one out"
                    .to_owned(),
            );
            return false;
        }
        true
    });
    sound.then_some(taken)
}

/// Parameters are stored by name, so each needs one.
fn name(pat: &Pat, problems: &mut Problems) -> Option<Ident> {
    match pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(ident.clone()),
        Pat::Wild(wild) => {
            problems.on(wild, "a parameter of a job is stored by its name; give it one, such as `_unused`");
            None
        }
        pat => {
            problems.on(
                pat,
                "a parameter of a job is stored by its name and cannot be a pattern; name it and take it apart in the body",
            );
            None
        }
    }
}

/// State is lent as `&T` and found by `T`.
fn state(ty: &Type, problems: &mut Problems) -> Option<Type> {
    let Type::Reference(TypeReference { mutability: None, lifetime: None, elem, .. }) = peel(ty) else {
        problems.on(ty, "a state is lent by the server; write `#[state] name: &Type`");
        return None;
    };
    let elem = peel(elem);
    if is_unsized(elem) {
        problems.on(
            elem,
            "a state is found by its type, which must have a known size; write `&Arc<dyn Trait>`, `&String` or `&Vec<T>`",
        );
        return None;
    }
    owns_all(elem, "a state lives as long as the server", problems).then(|| elem.clone())
}

/// `Some(true)` for `&JobContext`, `Some(false)` where it is meant but written wrongly, `None` for anything else.
fn context(ty: &Type, problems: &mut Problems) -> Option<bool> {
    let (named, sound) = match peel(ty) {
        Type::Reference(TypeReference { mutability, lifetime, elem, .. }) => {
            (peel(elem), mutability.is_none() && lifetime.is_none())
        }
        ty => (ty, false),
    };
    if last_segment(named)? != "JobContext" {
        return None;
    }
    if !sound {
        problems.on(ty, "the context is lent for the run; write `&JobContext`, and clone it where it must live longer");
    }
    Some(sound)
}

pub(crate) fn shape(input: &PatType, problems: &mut Problems) -> Option<Shape> {
    let ty = peel(&input.ty);
    match ty {
        Type::Reference(reference) => lent(reference, problems),
        Type::TraitObject(_) | Type::ImplTrait(_) | Type::Infer(_) | Type::Never(_) | Type::Ptr(_) | Type::FnPtr(_) => {
            problems.on(ty, format!("{} cannot be stored; take the values themselves", kind_of(ty)));
            None
        }
        ty => {
            if !owns_stored(ty, problems) {
                return None;
            }
            let converted = last_segment(ty).is_some_and(|name| name == "String" || name == "PathBuf");
            Some(if converted { Shape::Converted(ty.clone()) } else { Shape::Owned(ty.clone()) })
        }
    }
}

fn lent(reference: &TypeReference, problems: &mut Problems) -> Option<Shape> {
    if let Some(mutability) = &reference.mutability {
        problems.on(
            mutability,
            "a stored value is lent to the function and cannot be changed in place; write `&T` or take it by value",
        );
        return None;
    }
    if let Some(lifetime) = &reference.lifetime {
        problems.on(
            lifetime,
            "a stored value is lent for the run only; leave the lifetime out, or take the value by value",
        );
        return None;
    }
    let elem = peel(&reference.elem);
    if let Type::TraitObject(_) | Type::ImplTrait(_) | Type::Infer(_) = elem {
        problems.on(
            reference,
            format!(
                "a reference to {} cannot be stored; take a type of your own, or lend it as `#[state]`",
                kind_of(elem)
            ),
        );
        return None;
    }
    if !owns_stored(elem, problems) {
        return None;
    }
    Some(match elem {
        Type::Slice(slice) => Shape::Slice((*slice.elem).clone()),
        elem => match last_segment(elem) {
            Some(name) if name == "str" => Shape::Text(elem.span()),
            Some(name) if name == "Path" => Shape::Path(elem.span()),
            _ => Shape::Lent(elem.clone()),
        },
    })
}

/// The type inside parentheses and the invisible groups of `macro_rules!`.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}

/// The last name of a path without type arguments.
pub(crate) fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => {
            path.segments.last().filter(|last| last.arguments.is_empty()).map(|last| &last.ident)
        }
        _ => None,
    }
}

fn is_unsized(ty: &Type) -> bool {
    matches!(ty, Type::Slice(_) | Type::TraitObject(_) | Type::ImplTrait(_) | Type::Infer(_))
        || last_segment(ty).is_some_and(|name| name == "str" || name == "Path")
}

fn kind_of(ty: &Type) -> &'static str {
    match ty {
        Type::TraitObject(_) => "a trait object",
        Type::ImplTrait(_) => "`impl Trait`",
        Type::Infer(_) => "a type that is to be inferred",
        Type::Never(_) => "the type without values",
        Type::Ptr(_) => "a raw pointer",
        _ => "a function",
    }
}

/// Whether a value of the type can be kept apart from the call; notes each part that cannot.
pub(crate) fn owns_all(ty: &Type, because: &'static str, problems: &mut Problems) -> bool {
    check(ty, because, false, problems)
}

/// Whether a value of the type can be stored with a job; notes each part that cannot.
pub(crate) fn owns_stored(ty: &Type, problems: &mut Problems) -> bool {
    check(ty, "a stored value owns what it holds", true, problems)
}

fn check(ty: &Type, because: &'static str, stored: bool, problems: &mut Problems) -> bool {
    let before = problems.len();
    Owns { because, stored, problems }.visit_type(ty);
    problems.len() == before
}

struct Owns<'p> {
    because: &'static str,
    /// Whether serde will write and read the value.
    stored: bool,
    problems: &'p mut Problems,
}

impl<'ast> Visit<'ast> for Owns<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static") {
            return;
        }
        let owned = match peel(&reference.elem) {
            Type::Slice(_) => "`Vec<T>`",
            elem if last_segment(elem).is_some_and(|name| name == "str") => "`String`",
            elem if last_segment(elem).is_some_and(|name| name == "Path") => "`PathBuf`",
            _ => "the type without `&`",
        };
        self.problems.on(reference, format!("{}, and this part is borrowed; write {owned}", self.because));
    }

    fn visit_path_arguments(&mut self, arguments: &'ast PathArguments) {
        if let PathArguments::AngleBracketed(arguments) = arguments {
            for argument in &arguments.args {
                if let GenericArgument::Lifetime(lifetime) = argument
                    && lifetime.ident != "static"
                {
                    self.problems.on(lifetime, format!("{}, and this part is borrowed; write `'static`", self.because));
                }
            }
        }
        visit::visit_path_arguments(self, arguments);
    }

    fn visit_type_trait_object(&mut self, ty: &'ast syn::TypeTraitObject) {
        if self.stored {
            self.problems.on(ty, "a trait object cannot be stored; write a type of your own, or lend it as `#[state]`");
        }
    }

    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        let local = ["Rc", "Cell", "RefCell"].iter().any(|local| segment.ident == local);
        if self.stored && local && !segment.arguments.is_empty() {
            let local = &segment.ident;
            self.problems
                .on(segment, format!("`{local}` stays on its thread and cannot be stored; write the type inside"));
            return;
        }
        visit::visit_path_segment(self, segment);
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
        self.problems.on(ty, "`impl Trait` has no name to store it under; write the type's name");
    }

    // What a function type takes and returns is not held by a value of it.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
}
