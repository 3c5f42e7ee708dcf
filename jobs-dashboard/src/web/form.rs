//! The body of a form.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};

use super::{Fault, Params};

/// What a visitor sent with a form. The router bounds its size.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Params);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let body = Bytes::from_request(request, state).await.map_err(|_| Fault::TooLarge)?;
        Ok(Self(Params::of_form(&body)))
    }
}
