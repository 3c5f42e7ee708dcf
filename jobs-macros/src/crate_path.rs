//! Where generated code finds `jobs`: `crate = "…"`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Path, parse_quote};

/// The path of the facade crate as the user's crate sees it.
#[derive(Clone)]
pub(crate) struct CratePath(Path);

impl Default for CratePath {
    fn default() -> Self {
        Self(parse_quote!(::jobs))
    }
}

impl CratePath {
    pub(crate) fn new(path: Path) -> Self {
        Self(path)
    }

    /// The module that holds everything that generated code names.
    pub(crate) fn private(&self) -> TokenStream {
        let Self(path) = self;
        quote!(#path::__private)
    }

    /// A path below that module as a text, for serde's attributes.
    pub(crate) fn text(&self, below: &str) -> String {
        let mut text = self.0.to_token_stream().to_string();
        text.retain(|letter| !letter.is_whitespace());
        format!("{text}::__private::{below}")
    }
}
