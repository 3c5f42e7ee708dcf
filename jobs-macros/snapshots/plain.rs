//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\ntick::enqueue() -> Enqueue\ntick::new() -> tick\n```\n\n`enqueue` stores the call, and a server runs it from the queue `default`; `new` makes the value that bulk calls, batches and recurring jobs take."
)]
async fn tick() {}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct tick {}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for tick {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "tick",
            0usize,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl tick {
    fn new() -> Self {
        Self {}
    }
    fn enqueue() -> ::jobs::__private::Enqueue<'static, Self> {
        ::jobs::__private::Enqueue::new(Self::new())
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for tick {
    type Output = <() as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::Free;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "tick"
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
            args_layout: ::jobs::__private::args_layout::<tick>,
            output_layout: ::jobs::__private::output_layout::<tick>,
            run: |__run| ::jobs::__private::boxed(async move {
                let _: tick = ::jobs::__private::decode::<tick>(&__run)?;
                <() as ::jobs::__private::Return>::conclude(tick().await, &__run)
            }),
            args_to_json: ::jobs::__private::args_to_json::<tick>,
            args_from_json: ::jobs::__private::args_from_json::<tick>,
            output_to_json: ::jobs::__private::output_to_json::<tick>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Nothing,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
impl ::jobs::__private::Standalone for tick {}
::jobs::__private::inventory::submit! {
    < tick as ::jobs::__private::Job > ::DESCRIPTOR
}
