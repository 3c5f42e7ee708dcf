//! Jobs in modules, private and visible in part of the crate, in functions, made by macros, and under conditions.

use jobs::prelude::*;

mod mail {
    use super::*;

    #[job]
    pub(crate) async fn send(to: String) {
        drop(to);
    }

    pub mod deep {
        #[jobs::job]
        pub(in crate::mail) fn hidden(x: u8) {
            let _ = x;
        }

        #[jobs::job]
        pub(super) fn upper() {}
    }

    pub(crate) fn use_hidden() {
        deep::hidden(1);
        deep::upper();
        let _ = (deep::hidden::new(1), deep::upper::enqueue());
    }
}

// One `use` brings both the function and the type.
use mail::send;

macro_rules! job {
    ($name:ident, $ty:ty, $queue:literal) => {
        #[jobs::job(queue = $queue)]
        async fn $name(value: $ty) {
            drop(value);
        }
    };
}
job!(made, String, "made");

#[job]
#[cfg(any())]
async fn absent(x: Missing) {}

#[cfg(any())]
#[job]
async fn absent(x: Missing) {}

fn main() {
    #[job]
    async fn local(x: u8) {
        let _ = x;
    }
    let _ = (local::new(1), send::new("a"), made::new("b"));
    drop(send("a".to_owned()));
    assert_eq!(made::DESCRIPTOR.options.queue, "made");
    assert!(send::DESCRIPTOR.kind.ends_with("::mail::send"));
    mail::use_hidden();
}
