//! What `#[job]` makes; see `src/tests.rs`.

::core::compile_error! {
    "`attempts` takes a whole number from 1 to 65535; write `attempts = 5`"
}
::core::compile_error! {
    "a job cannot be generic, because each kind is stored under one name with one layout; write a job for each type that calls the generic function"
}
::core::compile_error! {
    "a stored value is lent to the function and cannot be changed in place; write `&T` or take it by value"
}
async fn work<T>(ctx: &JobContext, x: T, list: &mut Vec<u8>) {}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Serialize, ::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct work {}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl work {
    fn new(
        _: impl ::jobs::__private::core::marker::Sized,
        _: impl ::jobs::__private::core::marker::Sized,
    ) -> Self {
        Self {}
    }
    fn enqueue(
        _: impl ::jobs::__private::core::marker::Sized,
        _: impl ::jobs::__private::core::marker::Sized,
    ) -> ::jobs::__private::Enqueue<'static, Self> {
        ::jobs::__private::Enqueue::new(Self {})
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for work {
    type Output = ();
    type Parent = ::jobs::__private::Free;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "work"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &["x"],
            secret: &[],
            summary: ::jobs::__private::None,
            blocking: false,
            options: ::jobs::__private::Options {
                queue: ::jobs::__private::Options::DEFAULT.queue,
                priority: ::jobs::__private::Options::DEFAULT.priority,
                attempts: ::jobs::__private::Options::DEFAULT.attempts,
                timeout: ::jobs::__private::None,
                expires: ::jobs::__private::None,
                on_exhausted: ::jobs::__private::OnExhausted::Fail,
                retain: ::jobs::__private::None,
            },
            backoff: ::jobs::__private::BACKOFF,
            codec: ::jobs::__private::Codec::Bincode,
            version: 1u16,
            args_layout: ::jobs::__private::args_layout::<work>,
            output_layout: ::jobs::__private::output_layout::<work>,
            run: |_| ::jobs::__private::core::unreachable!(),
            args_to_json: ::jobs::__private::args_to_json::<work>,
            args_from_json: ::jobs::__private::args_from_json::<work>,
            output_to_json: ::jobs::__private::output_to_json::<work>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Nothing,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
impl ::jobs::__private::Standalone for work {}
