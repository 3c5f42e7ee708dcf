//! The one gate that every route goes through: what it needs, and whether the visitor has it.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    budget,
    policy::{Access, Role, Verdict},
    routes::LARGEST,
    shared::Shared,
    web::{AsItIs, Fault, Settings, Visit},
};

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    role: Role,
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The general role must suffice.
    All,
    /// The role on some queue suffices; the handler asks the gate for the queue that it is about.
    SomeQueue,
}

impl Right {
    /// Nothing: style sheets and scripts, which hold no data and which the page of a refusal needs.
    pub(crate) const OPEN: Self = Self { role: Role::None, reach: Reach::All };
    /// To look.
    pub(crate) const READ: Self = Self { role: Role::Read, reach: Reach::All };
    /// To act on jobs, queues and recurring jobs.
    pub(crate) const OPERATE: Self = Self { role: Role::Operate, reach: Reach::All };
    /// To act on servers and on everything at once.
    pub(crate) const ADMIN: Self = Self { role: Role::Admin, reach: Reach::All };

    /// The same for what is about one queue, which the handler then names to [`Gate::on`].
    pub(crate) const fn of_queue(self) -> Self {
        Self { role: self.role, reach: Reach::SomeQueue }
    }

    /// The role that it takes.
    #[cfg(test)]
    pub(crate) fn role(self) -> Role {
        self.role
    }

    /// Whether the role on some queue suffices.
    #[cfg(test)]
    pub(crate) fn is_of_queue(self) -> bool {
        self.reach == Reach::SomeQueue
    }

    fn is_met(self, access: &Access) -> bool {
        match self.reach {
            Reach::All => access.role() >= self.role,
            Reach::SomeQueue => access.best() >= self.role,
        }
    }
}

/// What a visitor may do, once they have passed.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    access: Arc<Access>,
    right: Right,
}

impl Gate {
    /// Who it is, for the audit.
    pub(crate) fn who(&self) -> &str {
        self.access.who()
    }

    /// Whether the visitor may do something to a queue and what is in it: asked by every handler that is about one.
    ///
    /// # Errors
    /// [`Fault::Forbidden`], which names the role and the queue.
    pub(crate) fn on(&self, queue: &str) -> Result<(), Fault> {
        match self.access.on(queue) >= self.right.role {
            true => Ok(()),
            false => Err(Fault::Forbidden { needs: self.right.role, queue: Some(queue.to_owned()) }),
        }
    }

    /// Whether the visitor may act on a queue, whatever the route needed: asked before an act.
    ///
    /// # Errors
    /// [`Fault::Forbidden`], which names the role and the queue.
    pub(crate) fn must(&self, role: Role, queue: &str) -> Result<(), Fault> {
        match self.access.on(queue) >= role {
            true => Ok(()),
            false => Err(Fault::Forbidden { needs: role, queue: Some(queue.to_owned()) }),
        }
    }

    /// Whether the visitor may act on all of these queues; where there are none, on every queue.
    pub(crate) fn on_all(&self, role: Role, queues: &[String]) -> bool {
        match queues.is_empty() {
            true => self.access.least() >= role,
            false => queues.iter().all(|queue| self.access.on(queue) >= role),
        }
    }

    /// Whether the visitor sees every queue there is or will be.
    pub(crate) fn sees_every_queue(&self) -> bool {
        self.on_all(Role::Read, &[])
    }

    /// Whether the visitor sees a queue.
    pub(crate) fn sees(&self, queue: &str) -> bool {
        self.access.on(queue) >= Role::Read
    }

    /// Whether the visitor may see what belongs to no queue.
    pub(crate) fn sees_all(&self) -> bool {
        self.access.role() >= Role::Read
    }

    /// Whether a route would let the visitor pass: for links and buttons.
    pub(crate) fn may(&self, right: Right) -> bool {
        right.is_met(&self.access)
    }

    /// Whether the visitor may act on a queue: for buttons.
    pub(crate) fn may_on(&self, role: Role, queue: &str) -> bool {
        self.access.on(queue) >= role
    }

    /// A gate that somebody has passed who came to look.
    #[cfg(test)]
    pub(crate) fn for_tests(access: Access) -> Self {
        Self { access: Arc::new(access), right: Right::READ.of_queue() }
    }

    /// The highest role on anything.
    pub(crate) fn best(&self) -> Role {
        self.access.best()
    }
}

/// The body of a request that may be answered, all of it: who sends one slowly holds nobody up.
async fn whole(is_met: bool, right: Right, acts: bool, body: Body) -> Result<Body, Fault> {
    if !is_met {
        return Err(Fault::Forbidden { needs: right.role, queue: None });
    }
    if !acts {
        return Ok(body);
    }
    match budget::in_time(to_bytes(body, LARGEST)).await {
        Some(Ok(body)) => Ok(body.into()),
        Some(Err(_)) => Err(Fault::TooLarge),
        None => Err(Fault::Bad("the body of the request did not come within ten seconds".to_owned())),
    }
}

/// The answer to who is not let in: a page while there is time for pages, and else no more than its head. Nobody waits for it, so that a
/// flood of strangers does not keep out who has yet to say who they are.
fn refused(shared: &Shared, fault: Fault) -> Response {
    let has_time = shared.strangers.has_time();
    let mut response = fault.into_response();
    if !has_time {
        response.extensions_mut().remove::<Fault>();
        response.extensions_mut().insert(AsItIs);
    }
    response
}

/// Lets a request through to its handler, or not.
pub(crate) async fn passed(
    State((shared, right)): State<(Shared, Right)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(settings) = request.extensions_mut().remove::<Settings>() else {
        return Fault::Internal.into_response();
    };
    if right == Right::OPEN {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let access = match shared.policy.judge(&parts).await {
        Verdict::Granted(access) => access,
        Verdict::Challenged(challenge) => return refused(&shared, Fault::Challenged(challenge)),
        Verdict::Refused(refusal) => return refused(&shared, Fault::Refused(refusal)),
    };
    let is_met = right.is_met(&access);
    let visit = Visit { settings, gate: Gate { access: Arc::new(access), right } };
    let acts = is_met && parts.method == Method::POST;
    let mut response = match whole(is_met, right, acts, body).await {
        Ok(body) => {
            let mut request = Request::from_parts(parts, body);
            request.extensions_mut().insert(visit.clone());
            shared.visitors.answer(next.run(request)).await
        }
        Err(fault) => shared.visitors.answer(async { fault.into_response() }).await,
    };
    let status = response.status();
    if acts && (status.is_success() || status.is_redirection()) {
        // Who has acted sees what came of it.
        shared.live.forget().await;
    }
    // Should it become a page of a fault, that page has the visitor's navigation.
    response.extensions_mut().insert(visit);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(access: Access, right: Right) -> Gate {
        Gate { access: Arc::new(access), right }
    }

    #[test]
    fn a_role_on_one_queue_opens_only_what_is_about_queues() {
        let access = Access::new("ann", Role::None).queue("mail", Role::Operate);
        for (right, expected) in [
            (Right::OPEN, true),
            (Right::READ, false),
            (Right::READ.of_queue(), true),
            (Right::OPERATE.of_queue(), true),
            (Right::OPERATE, false),
            (Right::ADMIN.of_queue(), false),
        ] {
            assert_eq!(right.is_met(&access), expected, "{right:?}");
        }
        let gate = gate(access, Right::OPERATE.of_queue());
        assert_eq!(gate.on("mail"), Ok(()));
        let needs = Fault::Forbidden { needs: Role::Operate, queue: Some("payroll".into()) };
        assert_eq!(gate.on("payroll"), Err(needs));
        assert!(gate.sees("mail") && !gate.sees("payroll") && !gate.sees_all());
    }

    #[test]
    fn a_queue_can_be_closed_to_who_may_do_the_rest() {
        let access = Access::new("ann", Role::Admin).queue("payroll", Role::Read);
        let gate = gate(access, Right::OPERATE.of_queue());
        assert!(gate.on("payroll").is_err() && gate.on("mail").is_ok());
        assert!(gate.sees("payroll") && gate.may_on(Role::Admin, "mail") && !gate.may_on(Role::Operate, "payroll"));
    }
}
