//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\nreport::enqueue(customer: u64) -> Enqueue\nreport::new(customer: u64) -> report\n```\n\n`enqueue` stores the call, and a server runs it from the queue `reports`; `new` makes the value that bulk calls, batches and recurring jobs take.\n\nRuns by itself at `0 0 L * *` (Europe/Istanbul).\n\nRuns by itself at `@daily` (UTC)."
)]
fn report(customer: u64) -> anyhow::Result<()> {
    Ok(())
}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct report {
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    customer: u64,
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for report {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let mut __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "report",
            1usize,
        )?;
        <u64 as ::jobs::__private::Field>::write(
            &self.customer,
            "customer",
            &mut __serializer,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl report {
    fn new(customer: u64) -> Self {
        Self { customer: customer }
    }
    fn enqueue(customer: u64) -> ::jobs::__private::Enqueue<'static, Self> {
        ::jobs::__private::Enqueue::new(Self::new(customer))
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for report {
    type Output = <anyhow::Result<()> as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::Free;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "report"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &["customer"],
            secret: &[],
            summary: ::jobs::__private::None,
            blocking: true,
            options: ::jobs::__private::Options {
                queue: "reports",
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
            args_layout: ::jobs::__private::args_layout::<report>,
            output_layout: ::jobs::__private::output_layout::<report>,
            run: |__run| ::jobs::__private::blocking(
                __run,
                |__run| {
                    let __args: report = ::jobs::__private::decode::<report>(&__run)?;
                    <anyhow::Result<
                        (),
                    > as ::jobs::__private::Return>::conclude(
                        report(__args.customer),
                        &__run,
                    )
                },
            ),
            args_to_json: ::jobs::__private::args_to_json::<report>,
            args_from_json: ::jobs::__private::args_from_json::<report>,
            output_to_json: ::jobs::__private::output_to_json::<report>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Nothing,
            recurring: &[
                ::jobs::__private::Recurring {
                    id: ::jobs::__private::core::concat!(
                        ::jobs::__private::core::module_path!(), "::", "report"
                    ),
                    cron: "0 0 L * *",
                    zone: "Europe/Istanbul",
                    misfire: ::jobs::__private::Misfire::All {
                        cap: 10u32,
                    },
                    overlap: ::jobs::__private::Overlap::Allow,
                    args: || ::jobs::__private::encode_args(&report::new(42)),
                },
                ::jobs::__private::Recurring {
                    id: "daily",
                    cron: "@daily",
                    zone: "UTC",
                    misfire: ::jobs::__private::Misfire::Once,
                    overlap: ::jobs::__private::Overlap::Skip,
                    args: || ::jobs::__private::encode_args(&report::new(7)),
                },
            ],
        };
        &__DESCRIPTOR
    };
}
impl ::jobs::__private::Standalone for report {}
::jobs::__private::inventory::submit! {
    < report as ::jobs::__private::Job > ::DESCRIPTOR
}
