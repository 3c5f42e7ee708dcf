//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\nship::enqueue(order: Order, copies: u8) -> Enqueue\nship::new(order: Order, copies: u8) -> ship\n```\n\n`enqueue` stores the call, and a server runs it from the queue `default`; `new` makes the value that flows take.\n\nRuns after a job whose output is a `Receipt`, named by `.after(&parent)`, and takes that output as `receipt`."
)]
async fn ship(order: &Order, receipt: &Receipt, copies: u8) -> Result<(), MailError> {
    Ok(())
}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
struct ship {
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    order: Order,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    copies: u8,
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for ship {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let mut __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "ship",
            2usize,
        )?;
        <Order as ::jobs::__private::Field>::write(
            &self.order,
            "order",
            &mut __serializer,
        )?;
        <u8 as ::jobs::__private::Field>::write(
            &self.copies,
            "copies",
            &mut __serializer,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ship {
    fn new(order: Order, copies: u8) -> Self {
        Self {
            order: order,
            copies: copies,
        }
    }
    fn enqueue(
        order: Order,
        copies: u8,
    ) -> ::jobs::__private::Enqueue<'static, Self, ::jobs::__private::NeedsAfterParent> {
        ::jobs::__private::Enqueue::needing(Self::new(order, copies))
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for ship {
    type Output = <Result<(), MailError> as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::One<Receipt>;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "ship"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &["order", "copies"],
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
            args_layout: ::jobs::__private::args_layout::<ship>,
            output_layout: ::jobs::__private::output_layout::<ship>,
            run: |__run| ::jobs::__private::boxed(async move {
                let __args: ship = ::jobs::__private::decode::<ship>(&__run)?;
                let __parent = ::jobs::__private::parent::<Receipt>(&__run)?;
                <Result<
                    (),
                    MailError,
                > as ::jobs::__private::Return>::conclude(
                    ship(&__args.order, &__parent, __args.copies).await,
                    &__run,
                )
            }),
            args_to_json: ::jobs::__private::args_to_json::<ship>,
            args_from_json: ::jobs::__private::args_from_json::<ship>,
            output_to_json: ::jobs::__private::output_to_json::<ship>,
            states: || ::jobs::__private::states([]),
            takes: ::jobs::__private::Takes::Parent,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
::jobs::__private::inventory::submit! {
    < ship as ::jobs::__private::Job > ::DESCRIPTOR
}
