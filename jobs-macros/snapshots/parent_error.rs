//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\nalert::enqueue() -> Enqueue\nalert::new() -> alert\n```\n\n`enqueue` stores the call, and a server runs it from the queue `default`; `new` makes the value that flows take.\n\nRuns when a job has failed, named by `.after(&parent)`, and takes the text of its error as `error`."
)]
fn alert(error: &str) {}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct alert {}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for alert {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "alert",
            0usize,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl alert {
    fn new() -> Self {
        Self {}
    }
    fn enqueue() -> ::jobs::__private::Enqueue<
        'static,
        Self,
        ::jobs::__private::NeedsAfterParent,
    > {
        ::jobs::__private::Enqueue::needing(Self::new())
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for alert {
    type Output = <() as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::Caught;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "alert"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &[],
            secret: &[],
            summary: ::jobs::__private::None,
            blocking: true,
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
            args_layout: ::jobs::__private::args_layout::<alert>,
            output_layout: ::jobs::__private::output_layout::<alert>,
            run: |__run| ::jobs::__private::blocking(
                __run,
                |__run| {
                    let _: alert = ::jobs::__private::decode::<alert>(&__run)?;
                    let __parent = ::jobs::__private::parent_error(&__run)?;
                    <() as ::jobs::__private::Return>::conclude(alert(&__parent), &__run)
                },
            ),
            args_to_json: ::jobs::__private::args_to_json::<alert>,
            args_from_json: ::jobs::__private::args_from_json::<alert>,
            output_to_json: ::jobs::__private::output_to_json::<alert>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Error,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
::jobs::__private::inventory::submit! {
    < alert as ::jobs::__private::Job > ::DESCRIPTOR
}
