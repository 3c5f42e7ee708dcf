//! A parameter that takes something from the job's parents: `#[parent]`, `#[parents]` and `#[parent_error]`.

use syn::{Attribute, GenericArgument, Ident, PatType, PathArguments, Type, TypePath, TypeReference};

use crate::{
    diagnostics::Problems,
    model::Shape,
    param::{last_segment, owns_stored, peel, shape},
};

/// The attributes that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The output of one parent.
    Parent,
    /// The outputs of several.
    Parents,
    /// The error of one that failed.
    ParentError,
}

/// A parameter with one of them.
pub(crate) struct Taken {
    pub(crate) name: Ident,
    pub(crate) attribute: Box<Attribute>,
    pub(crate) what: What,
}

/// What it takes, as what type, and whether the function borrows it.
pub(crate) enum What {
    /// The output of one parent, which has the type that a stored parameter written so has.
    Output(Shape),
    /// The outputs of several, each of this type.
    Outputs { each: Type, lent: bool },
    /// A text.
    Error { lent: bool },
}

impl Word {
    pub(crate) const ALL: [Self; 3] = [Self::Parent, Self::Parents, Self::ParentError];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Parents => "parents",
            Self::ParentError => "parent_error",
        }
    }

    /// How it is written.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Parent => "#[parent] name: T",
            Self::Parents => "#[parents] name: Vec<T>",
            Self::ParentError => "#[parent_error] name: String",
        }
    }
}

impl Taken {
    /// Reads the type of a parameter that has the attribute. `None` where it is wrong.
    pub(crate) fn read(
        word: Word,
        attribute: Box<Attribute>,
        name: Option<Ident>,
        input: &PatType,
        problems: &mut Problems,
    ) -> Option<Self> {
        let what = match word {
            Word::Parent if is_context(&input.ty) => {
                problems.on(
                    &input.ty,
                    "the context is the run's own and comes from no parent; take `#[parent]` out before it",
                );
                None
            }
            Word::Parent => shape(input, problems).map(What::Output),
            Word::Parents => outputs(&input.ty, problems),
            Word::ParentError => error(&input.ty, problems),
        };
        Some(Self { name: name?, attribute, what: what? })
    }

    pub(crate) fn word(&self) -> Word {
        match self.what {
            What::Output(_) => Word::Parent,
            What::Outputs { .. } => Word::Parents,
            What::Error { .. } => Word::ParentError,
        }
    }

    /// Whether the function gets a reference to what is taken.
    pub(crate) fn is_lent(&self) -> bool {
        match &self.what {
            What::Output(shape) => shape.is_lent(),
            What::Outputs { lent, .. } | What::Error { lent } => *lent,
        }
    }
}

fn outputs(ty: &Type, problems: &mut Problems) -> Option<What> {
    let Some((each, lent)) = list(peel(ty)) else {
        problems.on(
            ty,
            "`#[parents]` gives the outputs of all parents as a list; write `#[parents] name: Vec<T>` or `#[parents] name: &[T]`",
        );
        return None;
    };
    owns_stored(each, problems).then(|| What::Outputs { each: each.clone(), lent })
}

/// What a list has elements of, and whether it is a slice.
fn list(ty: &Type) -> Option<(&Type, bool)> {
    match ty {
        Type::Reference(TypeReference { mutability: None, lifetime: None, elem, .. }) => match peel(elem) {
            Type::Slice(slice) => Some((&slice.elem, true)),
            _ => None,
        },
        Type::Path(TypePath { qself: None, path, .. }) => {
            let last = path.segments.last().filter(|last| last.ident == "Vec")?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            match arguments.args.first() {
                Some(GenericArgument::Type(each)) if arguments.args.len() == 1 => Some((each, false)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn error(ty: &Type, problems: &mut Problems) -> Option<What> {
    let (named, text, lent) = match peel(ty) {
        Type::Reference(TypeReference { mutability: None, lifetime: None, elem, .. }) => (peel(elem), "str", true),
        ty => (ty, "String", false),
    };
    if last_segment(named).is_some_and(|name| name == text) {
        return Some(What::Error { lent });
    }
    problems.on(
        ty,
        "`#[parent_error]` gives the text of the parent's error; write `#[parent_error] name: String` or `#[parent_error] name: &str`",
    );
    None
}

/// Whether the type is meant to be the run's context, however it is written.
pub(crate) fn is_context(ty: &Type) -> bool {
    let named = match peel(ty) {
        Type::Reference(reference) => peel(&reference.elem),
        ty => ty,
    };
    last_segment(named).is_some_and(|name| name == "JobContext")
}
