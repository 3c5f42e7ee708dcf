//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\njoin::enqueue(title: impl Into<String>) -> Enqueue\njoin::new(title: impl Into<String>) -> join\n```\n\n`enqueue` stores the call, and a server runs it from the queue `default`; `new` makes the value that flows take.\n\nRuns after jobs whose outputs are each a `Part`, named by `.after(&parent)` or `.after_all(&parents)`, and takes those outputs in that order as `parts`."
)]
async fn join(title: String, parts: Vec<Part>) {}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct join {
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    title: String,
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for join {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let mut __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "join",
            1usize,
        )?;
        <String as ::jobs::__private::Field>::write(
            &self.title,
            "title",
            &mut __serializer,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl join {
    fn new(title: impl ::jobs::__private::Into<String>) -> Self {
        Self {
            title: ::jobs::__private::Into::into(title),
        }
    }
    fn enqueue(
        title: impl ::jobs::__private::Into<String>,
    ) -> ::jobs::__private::Enqueue<'static, Self, ::jobs::__private::NeedsAfterParent> {
        ::jobs::__private::Enqueue::needing(Self::new(title))
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for join {
    type Output = <() as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::Many<Part>;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "join"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &["title"],
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
            args_layout: ::jobs::__private::args_layout::<join>,
            output_layout: ::jobs::__private::output_layout::<join>,
            run: |__run| ::jobs::__private::boxed(async move {
                let __args: join = ::jobs::__private::decode::<join>(&__run)?;
                let __parent = ::jobs::__private::parents::<Part>(&__run)?;
                <() as ::jobs::__private::Return>::conclude(
                    join(__args.title, __parent).await,
                    &__run,
                )
            }),
            args_to_json: ::jobs::__private::args_to_json::<join>,
            args_from_json: ::jobs::__private::args_from_json::<join>,
            output_to_json: ::jobs::__private::output_to_json::<join>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Parents,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
::jobs::__private::inventory::submit! {
    < join as ::jobs::__private::Job > ::DESCRIPTOR
}
