//! What `#[job]` makes; see `src/tests.rs`.

#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\nsend_welcome::enqueue(user: u64, password: impl Into<String>) -> Enqueue\nsend_welcome::new(user: u64, password: impl Into<String>) -> send_welcome\n```\n\n`enqueue` stores the call, and a server runs it from the queue `mail`; `new` makes the value that bulk calls, batches and recurring jobs take."
)]
async fn send_welcome(user: u64, password: String) -> Result<(), MailError> {
    Ok(())
}
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(my_jobs::__private::serde::Deserialize)]
#[serde(crate = "my_jobs::__private::serde")]
struct send_welcome {
    #[serde(deserialize_with = "my_jobs::__private::Field::read")]
    user: u64,
    #[serde(deserialize_with = "my_jobs::__private::Field::read")]
    password: String,
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl my_jobs::__private::serde::Serialize for send_welcome {
    fn serialize<__S: my_jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> my_jobs::__private::Result<__S::Ok, __S::Error> {
        let mut __serializer = my_jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "send_welcome",
            2usize,
        )?;
        <u64 as my_jobs::__private::Field>::write(
            &self.user,
            "user",
            &mut __serializer,
        )?;
        <String as my_jobs::__private::Field>::write(
            &self.password,
            "password",
            &mut __serializer,
        )?;
        my_jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl send_welcome {
    fn new(user: u64, password: impl my_jobs::__private::Into<String>) -> Self {
        Self {
            user: user,
            password: my_jobs::__private::Into::into(password),
        }
    }
    fn enqueue(
        user: u64,
        password: impl my_jobs::__private::Into<String>,
    ) -> my_jobs::__private::Enqueue<'static, Self> {
        my_jobs::__private::Enqueue::new(Self::new(user, password))
    }
}
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl my_jobs::__private::Job for send_welcome {
    type Output = <Result<(), MailError> as my_jobs::__private::Return>::Output;
    type Parent = my_jobs::__private::Free;
    const DESCRIPTOR: &'static my_jobs::__private::Descriptor = {
        static __DESCRIPTOR: my_jobs::__private::Descriptor = my_jobs::__private::Descriptor {
            kind: "mail.welcome",
            aliases: &["mail.hello", "hello"],
            place: my_jobs::__private::Place {
                module: my_jobs::__private::core::module_path!(),
                file: my_jobs::__private::core::file!(),
                line: my_jobs::__private::core::line!(),
            },
            params: &["user", "password"],
            secret: &["password"],
            summary: my_jobs::__private::Some("Welcome {user}"),
            blocking: false,
            options: my_jobs::__private::Options {
                queue: "mail",
                priority: 10i16,
                attempts: 5u16,
                timeout: my_jobs::__private::Some(
                    my_jobs::__private::Duration::new(30u64, 0u32),
                ),
                expires: my_jobs::__private::Some(
                    my_jobs::__private::Duration::new(600u64, 0u32),
                ),
                on_exhausted: my_jobs::__private::OnExhausted::Delete,
                retain: my_jobs::__private::Some(
                    my_jobs::__private::Duration::new(604800u64, 0u32),
                ),
            },
            backoff: my_jobs::__private::Backoff::Linear {
                base: my_jobs::__private::Duration::new(10u64, 0u32),
                cap: my_jobs::__private::Duration::new(3600u64, 0u32),
            },
            codec: my_jobs::__private::Codec::Json,
            version: 2u16,
            args_layout: my_jobs::__private::args_layout::<send_welcome>,
            output_layout: my_jobs::__private::output_layout::<send_welcome>,
            run: |__run| my_jobs::__private::boxed(async move {
                let __args: send_welcome = my_jobs::__private::decode_or_upgrade::<
                    send_welcome,
                    _,
                    _,
                >(&__run, from_version_1)?;
                <Result<
                    (),
                    MailError,
                > as my_jobs::__private::Return>::conclude_by(
                    send_welcome(__args.user, __args.password).await,
                    &__run,
                    MailError::is_fatal,
                    MailError::is_transient,
                )
            }),
            args_to_json: my_jobs::__private::args_to_json::<send_welcome>,
            args_from_json: my_jobs::__private::args_from_json::<send_welcome>,
            output_to_json: my_jobs::__private::output_to_json::<send_welcome>,
            states: || my_jobs::__private::states([]),
            takes: my_jobs::__private::Takes::Nothing,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
impl my_jobs::__private::Standalone for send_welcome {}
my_jobs::__private::inventory::submit! {
    < send_welcome as my_jobs::__private::Job > ::DESCRIPTOR
}
