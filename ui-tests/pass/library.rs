//! Jobs of a library crate are linked where the crate is named.

use jobs::{Job, __private::Descriptor};

fn main() {
    let kinds: Vec<_> = jobs::__private::inventory::iter::<&Descriptor>.into_iter().map(|descriptor| descriptor.kind).collect();
    assert!(kinds.contains(&"ui_library::pair") && kinds.contains(&"ui_library::mail::send"), "{kinds:?}");
    assert_eq!(ui_library::mail::send::DESCRIPTOR.options.queue, "mail");
    let _ = (ui_library::pair::new(1, 2), ui_library::mail::send::enqueue("a"));
    assert_eq!(ui_library::pair(1, 2), Ok(3));
}
