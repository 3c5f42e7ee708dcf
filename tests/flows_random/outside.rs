//! What is done to a graph from outside: it is stored, sealed, changed, and servers are given up.

use std::{sync::Arc, time::Duration};

use jobs_runtime::{
    Error, ServerId, State,
    flow::Ending,
    job::OnExhausted,
    storage::{Change, Due, NewBatch, NewFlow, NewJob, Waits, conformance::Fixture},
};

use crate::{
    drive::{Drive, KIND, SERVERS, Violation, broken},
    plan::{Act, Before, Done, What},
    servers,
};

impl<F: Fixture> Drive<'_, F> {
    pub(crate) fn new_job(&self, node: usize) -> NewJob {
        let (one, job) = (&self.graph.nodes[node], self.graph.job(node));
        let retries = job.before.iter().filter(|before| matches!(before, Before::Retry)).count();
        let delay = if self.by_servers { Duration::from_millis(10) } else { Duration::from_secs(10) };
        // A handler cannot end its job as deleted by itself; using up the attempts can.
        let is_deleted = self.by_servers && job.last == Ending::Deleted;
        NewJob {
            id: self.job_id(node),
            kind: KIND.into(),
            queue: Arc::clone(&self.queue),
            priority: (node % 3) as i16,
            payload: if self.by_servers { servers::payload() } else { Vec::new() },
            due: if job.delayed { Due::In(delay) } else { Due::Now },
            max_attempts: if is_deleted { retries as u16 + 1 } else { u16::MAX },
            on_exhausted: if is_deleted { OnExhausted::Delete } else { OnExhausted::Fail },
            timeout: None,
            expires: None,
            retain: None,
            meta: Default::default(),
            tags: Vec::new(),
            recurring: None,
            batch: one.inside.map(|batch| self.batch_id(batch)),
            waits: self.waits(node),
        }
    }

    pub(crate) fn waits(&self, node: usize) -> Option<Waits> {
        let node = &self.graph.nodes[node];
        let parents: Vec<_> = node.waits.iter().map(|(parent, condition)| (self.ids[*parent], *condition)).collect();
        (!parents.is_empty()).then_some(Waits { rule: node.rule, parents })
    }

    pub(crate) fn new_flow(&self, nodes: &[usize]) -> NewFlow {
        let mut flow = NewFlow::default();
        for node in nodes {
            match self.graph.nodes[*node].what {
                What::Job(_) => flow.jobs.push(self.new_job(*node)),
                What::Batch { sealed } => flow.batches.push(NewBatch {
                    id: self.batch_id(*node),
                    description: format!("node {node}").into(),
                    parent: self.graph.nodes[*node].inside.map(|batch| self.batch_id(batch)),
                    waits: self.waits(*node),
                    sealed: sealed.is_none(),
                    retain: None,
                }),
            }
        }
        self.rng.borrow_mut().shuffle(&mut flow.jobs);
        flow
    }

    pub(crate) fn first(&self) -> Vec<usize> {
        (0..self.graph.nodes.len()).filter(|node| self.graph.nodes[*node].round == 0).collect()
    }

    pub(crate) async fn store_first(&self) -> Result<(), Violation> {
        let first = self.first();
        let stored =
            self.ground.storage().flow_insert(self.new_flow(&first)).await.map_err(broken("storing the flow"))?;
        if stored.contains(&false) {
            return Err("a new job was said to be known".to_owned());
        }
        let mut known = self.known.borrow_mut();
        first.into_iter().for_each(|node| known[node].stored = true);
        Ok(())
    }

    /// Stores a node that comes later, which is refused where what it names is not there or was cancelled.
    pub(crate) async fn store_late(&self, node: usize) -> Result<(), Violation> {
        let stored = self.ground.handles[node % SERVERS].flow_insert(self.new_flow(&[node])).await;
        let one = &self.graph.nodes[node];
        let mut known = self.known.borrow_mut();
        let absent = |at: usize| known[at].touched.absent;
        let refused = match &stored {
            Ok(new) if new.contains(&false) => return Err(format!("node {node} was said to be known")),
            Ok(_) => {
                known[node].stored = true;
                return Ok(());
            }
            Err(Error::NoParent(parent)) => one.waits.iter().any(|(at, _)| self.ids[*at] == *parent && absent(*at)),
            Err(Error::NoBatch(batch)) => one.inside.is_some_and(|at| self.batch_id(at) == *batch && absent(at)),
            // Whether the batch may have been cancelled, the model decides.
            Err(Error::Config(_)) => one.inside.is_some(),
            Err(_) => false,
        };
        if !refused {
            return Err(format!("node {node} was refused: {stored:?}"));
        }
        known[node].touched.absent = true;
        Ok(())
    }

    /// Stores, seals and does what this round's plan says.
    pub(crate) async fn act_now(&self) -> Result<(), Violation> {
        let round = self.round.get();
        let late = (0..self.graph.nodes.len()).filter(|node| round > 0 && self.graph.nodes[*node].round == round);
        for node in late {
            self.store_late(node).await?;
            self.worked.set(true);
        }
        for node in 0..self.graph.nodes.len() {
            let What::Batch { sealed: Some(sealed) } = self.graph.nodes[node].what else { continue };
            if sealed.max(self.graph.nodes[node].round) == round && self.known.borrow()[node].stored {
                match self.ground.storage().batch_seal(self.batch_id(node)).await {
                    // One whose condition was not met meanwhile cannot be completed any more.
                    Ok(()) | Err(Error::Config(_)) => {}
                    Err(error) => return Err(broken("sealing")(error)),
                }
                self.worked.set(true);
            }
        }
        for Act { what, .. } in self.graph.acts.iter().filter(|act| act.round == round) {
            self.act(what).await?;
            self.worked.set(true);
        }
        Ok(())
    }

    pub(crate) async fn act(&self, what: &Done) -> Result<(), Violation> {
        let storage = &self.ground.handles[self.rng.borrow_mut().usize(0..SERVERS)];
        let change = match *what {
            Done::Delete(_) => Change::Delete { reason: "by hand".into() },
            Done::Requeue(_) => Change::Requeue,
            Done::Reschedule(_) => Change::Reschedule(Due::In(Duration::from_secs(5))),
            Done::Cancel(node) => {
                // What comes of it may show before its answer.
                let before = self.known.borrow()[node].touched;
                self.known.borrow_mut()[node].touched.deleted = true;
                let cancelled = storage.batch_cancel(self.batch_id(node), "by hand".into()).await;
                if cancelled.map_err(broken("cancelling"))? != Some(true) {
                    self.known.borrow_mut()[node].touched = before;
                }
                return Ok(());
            }
            Done::Kill(at) => {
                self.killed.set(true);
                let server = &self.servers[at % SERVERS];
                let held = server.held.take();
                let dead = server.id.replace(ServerId::new());
                self.dead.borrow_mut().push((dead, held));
                storage.server_retire(dead).await.map_err(broken("the end of a lease"))?;
                return self.beat(server).await;
            }
            Done::Resend => {
                let stored = storage.flow_insert(self.new_flow(&self.first())).await.map_err(broken("a resend"))?;
                let fine = stored.iter().all(|new| !new);
                return if fine { Ok(()) } else { Err("a resend has stored something".to_owned()) };
            }
        };
        let (Done::Delete(node) | Done::Requeue(node) | Done::Reschedule(node)) = *what else { return Ok(()) };
        let before = self.known.borrow()[node].touched;
        match change {
            Change::Delete { .. } => self.known.borrow_mut()[node].touched.deleted = true,
            _ => self.known.borrow_mut()[node].touched.revived = true,
        }
        let is_delete = matches!(change, Change::Delete { .. });
        let changed = match storage.job_change(self.job_id(node), change, None).await {
            // Nothing of a cancelled batch runs again.
            Err(Error::Config(_)) if !is_delete && self.graph.nodes[node].inside.is_some() => None,
            changed => changed.map_err(broken("a change"))?,
        };
        let known = &mut self.known.borrow_mut()[node];
        match changed {
            Some(changed) if changed.took_effect => {
                if !is_delete && (changed.from.is_final() || changed.from == State::Processing) {
                    known.lives += 1;
                }
            }
            _ => known.touched = before,
        }
        Ok(())
    }
}
