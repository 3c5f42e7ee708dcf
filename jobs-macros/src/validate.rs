//! What a user can get wrong beyond a single word: the rules of a job's signature, and those that need two or more facts.

use std::collections::HashSet;

use syn::{FnArg, ReturnType, Safety, Signature, Type, spanned::Spanned};

use crate::{
    diagnostics::{Problems, listed},
    model::{Job, Param, Returns},
    param::{Input, owns_all, peel},
    parent::Word,
};

/// The rules of the signature by itself.
pub(crate) fn signature(sig: &Signature, problems: &mut Problems) {
    plain_qualifiers(sig, problems);
    no_generics(sig, problems);
    no_receiver(sig, problems);
    nameable_return(sig, problems);
}

/// The rules of the parameters together.
pub(crate) fn parameters(job: &Job, problems: &mut Problems) {
    one_context(job, problems);
    one_from_parents(job, problems);
    different_names(job, problems);
}

/// The rules of the attributes against the function and each other. A word that breaks one counts as not written.
pub(crate) fn attributes(job: &mut Job, problems: &mut Problems) {
    upgrade_has_version(job, problems);
    secrets_are_parameters(job, problems);
    summary_names_parameters(job, problems);
    rules_about_errors_need_errors(job, problems);
    aliases_differ(job, problems);
    recurring_has_no_parent(job, problems);
    recurring_has_args(job, problems);
    recurring_ids_differ(job, problems);
}

/// A server calls the function like any other safe Rust function.
fn plain_qualifiers(sig: &Signature, problems: &mut Problems) {
    if let Some(word) = &sig.constness {
        problems.on(word, "a job cannot be a `const fn`; take `const` out");
    }
    if let Safety::Unsafe(word) = &sig.safety {
        problems.on(word, "a job is called by servers and cannot be an `unsafe fn`; take `unsafe` out");
    }
    if let Some(abi) = &sig.abi {
        problems.on(abi, "a job is called by servers and cannot be an `extern fn`; take `extern` out");
    }
}

/// A stored job has no place for type parameters: one kind, one layout.
fn no_generics(sig: &Signature, problems: &mut Problems) {
    if !sig.generics.params.is_empty() {
        problems.on(
            &sig.generics.params,
            "a job cannot be generic, because each kind is stored under one name with one layout; write a job for each type that calls the generic function",
        );
    } else if let Some(clause) = &sig.generics.where_clause {
        problems.on(clause, "a job cannot be generic; take the `where` clause out");
    }
}

/// Methods have no place of their own for the job's type.
fn no_receiver(sig: &Signature, problems: &mut Problems) {
    if let Some(receiver) = sig.receiver() {
        problems.on(
            receiver,
            "a job is a free function and has no `self`; move it out of the `impl` and take the value as a parameter or as `#[state]`",
        );
    }
}

/// The type of the output is named in what is generated, and the output outlives the call.
fn nameable_return(sig: &Signature, problems: &mut Problems) {
    let ReturnType::Type(_, ty) = &sig.output else { return };
    match peel(ty) {
        Type::ImplTrait(ty) if sig.asyncness.is_none() => {
            problems.on(ty, "a job cannot return `impl Trait`; write `async fn`, or return `()` or a `Result<T, E>`");
        }
        Type::ImplTrait(ty) => problems.on(ty, "a job cannot return `impl Trait`; return `()` or a `Result<T, E>`"),
        Type::Never(ty) => problems.on(ty, "a job must come to an end; return `()` or a `Result<T, E>`"),
        ty => {
            owns_all(ty, "what a job returns outlives the call", problems);
        }
    }
}

/// One context a run.
fn one_context(job: &Job, problems: &mut Problems) {
    let is_context = |input: &&Input| matches!(input, Input::Context);
    if job.inputs.iter().filter(is_context).count() < 2 || job.inputs.len() != job.function.sig.inputs.len() {
        return;
    }
    let contexts = job.inputs.iter().zip(&job.function.sig.inputs).filter(|(input, _)| is_context(input));
    for (_, argument) in contexts.skip(1) {
        problems.on(argument, "a run has one context; take this second `&JobContext` out");
    }
}

/// A job runs after a parent that succeeded, after several, or after one that failed, and takes from it in one place.
fn one_from_parents(job: &Job, problems: &mut Problems) {
    use Word::{Parent, ParentError, Parents};
    let mut taken = job.taken();
    let Some(first) = taken.next().map(|taken| taken.word()) else { return };
    for second in taken {
        let text = match (first, second.word()) {
            (Parent, Parent) => {
                "`#[parent]` takes the output of the one parent, and this is a second; write `#[parents] xs: Vec<T>` once, which takes those of several"
            }
            (Parents, Parents) => "`#[parents]` takes the outputs of all parents in one list; keep one of them",
            (Parent, Parents) | (Parents, Parent) => {
                "`#[parent]` is for a job with one parent and `#[parents]` for one with several; keep `#[parents] xs: Vec<T>`, which takes the output of one as well"
            }
            (ParentError, ParentError) => {
                "`#[parent_error]` takes the error of the one parent that failed; keep one of them"
            }
            (ParentError, _) | (_, ParentError) => {
                "a parent leaves an output when it succeeds and an error when it fails, never both; write one job for each, and give the second `#[parent_error]`"
            }
        };
        problems.on(&second.attribute, text);
    }
}

/// Values are stored by name.
fn different_names(job: &Job, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for param in job.stored() {
        let name = param.stored_name();
        if !seen.insert(name.clone()) {
            problems.on(&param.name, format!("two parameters would be stored as `{name}`; rename one of them"));
        }
    }
}

/// Without a version, a changed layout cannot be told from the one that the upgrade makes.
fn upgrade_has_version(job: &mut Job, problems: &mut Problems) {
    if job.attr.version.is_none()
        && let Some(upgrade) = job.attr.upgrade.take()
    {
        problems
            .on(upgrade, "`upgrade` turns stored args of an earlier version into these; write `version = 2` beside it");
    }
}

/// A secret is a stored parameter.
fn secrets_are_parameters(job: &mut Job, problems: &mut Problems) {
    if job.broken {
        return;
    }
    let known: Vec<String> = job.stored().map(Param::stored_name).collect();
    job.attr.secret.retain(|secret| {
        let sound = known.iter().any(|name| secret == name);
        if !sound {
            problems
                .on(secret, format!("`secret` names `{secret}`, which is no stored parameter; {}", choices(&known)));
        }
        sound
    });
}

/// The holes of a summary are stored parameters that may be shown.
fn summary_names_parameters(job: &mut Job, problems: &mut Problems) {
    let Some(summary) = job.attr.summary.as_ref().filter(|_| !job.broken) else { return };
    let known: Vec<String> = job.stored().map(Param::stored_name).collect();
    let mistake = match holes(&summary.value()) {
        Err(why) => Some(why),
        Ok(holes) => holes.into_iter().find_map(|hole| {
            if job.attr.secret.iter().any(|secret| *secret == hole) {
                return Some(format!("`{{{hole}}}` is secret and cannot be shown; take it out of the summary"));
            }
            let unknown = !known.contains(&hole);
            unknown.then(|| format!("`{{{hole}}}` is no stored parameter; {}", choices(&known)))
        }),
    };
    if let Some(mistake) = mistake {
        problems.at(summary.span(), format!("`summary`: {mistake}"));
        job.attr.summary = None;
    }
}

fn choices(known: &[String]) -> String {
    match known {
        [] => "this job stores none".to_owned(),
        known => format!("this job stores {}", listed(known.iter().map(String::as_str))),
    }
}

/// The names between single braces; doubled braces are plain ones.
fn holes(text: &str) -> Result<Vec<String>, String> {
    let mut holes = vec![];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.next_if_eq(&letter).is_some() => {}
            '{' => {
                let mut hole = String::new();
                loop {
                    match letters.next() {
                        Some('}') => break,
                        Some(letter) if letter != '{' => hole.push(letter),
                        _ => return Err("a `{` is never closed; close it, or write `{{` for a plain brace".to_owned()),
                    }
                }
                holes.push(hole);
            }
            '}' => return Err("a `}` was never opened; write `}}` for a plain brace".to_owned()),
            _ => {}
        }
    }
    Ok(holes)
}

/// A function that cannot fail has no errors to sort.
fn rules_about_errors_need_errors(job: &mut Job, problems: &mut Problems) {
    let fails = match &job.returns {
        Returns::Nothing => false,
        Returns::Value(ty) => !matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty()),
    };
    if fails {
        return;
    }
    for (word, path) in [("retry_if", job.attr.retry_if.take()), ("fatal", job.attr.fatal.take())] {
        if let Some(path) = path {
            problems
                .on(path, format!("`{word}` looks at the error, and this job returns none; return a `Result<T, E>`"));
        }
    }
}

/// Each name leads to one kind.
fn aliases_differ(job: &mut Job, problems: &mut Problems) {
    let mut seen: HashSet<String> = job.attr.name.iter().map(syn::LitStr::value).collect();
    job.attr.aliases.retain(|alias| {
        let fresh = seen.insert(alias.value());
        if !fresh {
            problems
                .at(alias.span(), format!("`{}` is a name of this job already; take it out of `alias`", alias.value()));
        }
        fresh
    });
}

/// An occurrence is nobody's continuation.
fn recurring_has_no_parent(job: &mut Job, problems: &mut Problems) {
    let Some(word) = job.taken().next().map(|taken| taken.word().as_str()) else { return };
    for attr in std::mem::take(&mut job.recurring) {
        let text = format!(
            "a recurring job runs by itself and has no parent for `#[{word}]` to take from; let a recurring job without it enqueue this one"
        );
        problems.at(attr.span, text);
    }
}

/// Each occurrence runs with the same args, so all must be given.
fn recurring_has_args(job: &mut Job, problems: &mut Problems) {
    if job.broken {
        return;
    }
    let names: Vec<String> = job.stored().map(Param::stored_name).collect();
    let Job { recurring, .. } = job;
    recurring.retain(|attr| {
        let Some(args) = &attr.args else { return false };
        if args.len() == names.len() {
            return true;
        }
        let span = args.first().map_or(attr.span, Spanned::span);
        let text = if names.is_empty() {
            "this job stores no parameters; take `args(..)` out of `#[recurring(..)]`".to_owned()
        } else {
            let wanted = listed(names.iter().map(String::as_str));
            format!("each occurrence runs with the same args; give a value for {wanted}, in order, as `args(..)`")
        };
        problems.at(span, text);
        false
    });
}

/// Definitions are told apart by id; without one it is the job's kind.
fn recurring_ids_differ(job: &mut Job, problems: &mut Problems) {
    let kind = job.attr.name.as_ref().map(syn::LitStr::value);
    let mut seen = HashSet::new();
    let Job { recurring, .. } = job;
    recurring.retain(|attr| {
        let id = attr.id.as_ref().map(syn::LitStr::value).or_else(|| kind.clone());
        let fresh = seen.insert(id.clone());
        if !fresh {
            let span = attr.id.as_ref().map_or(attr.span, syn::LitStr::span);
            let which = id.map_or_else(|| "the job's kind as their id".to_owned(), |id| format!("the id `{id}`"));
            problems.at(span, format!("two `#[recurring(..)]` have {which}; give one of them another: `id = \"..\"`"));
        }
        fresh
    });
}

/// Whether a function takes `self`, so that it stands in an `impl` or a trait, where nothing can be generated.
pub(crate) fn is_method(sig: &Signature) -> bool {
    sig.inputs.iter().any(|input| matches!(input, FnArg::Receiver(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_found_between_single_braces() {
        assert_eq!(holes("for {name}, {id}"), Ok(vec!["name".to_owned(), "id".to_owned()]));
        assert_eq!(holes("{{plain}}"), Ok(vec![]));
        assert!(holes("{name").is_err());
        assert!(holes("name}").is_err());
    }
}
