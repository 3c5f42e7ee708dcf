//! Context and states are lent, also over an await.

use jobs::prelude::*;
use std::sync::Arc;

trait Mail: Send + Sync {}
struct Pool;

#[job]
async fn work(#[state] pool: &Pool, x: u8, ctx: &JobContext, #[state] mail: &Arc<dyn Mail>, name: &str) -> Result<(), String> {
    std::future::ready(()).await;
    let _ = (pool, x, ctx.id(), Arc::clone(mail), name.len());
    Ok(())
}

fn main() {
    let states = (work::DESCRIPTOR.states)();
    let names: Vec<_> = states.iter().map(|state| state.name).collect();
    assert_eq!(names, [std::any::type_name::<Pool>(), std::any::type_name::<Arc<dyn Mail>>()]);
    let _ = work::new(1, "a");
}
