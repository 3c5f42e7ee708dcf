//! What `#[job]` makes; see `src/tests.rs`.

/// Sends the welcome mail.
#[cfg(feature = "mail")]
#[cfg_attr(
    doc,
    doc = "\n\n# As a job\n\n```text\nsend_welcome::enqueue(user: UserId, name: impl Into<String>, title: impl Into<String>, tags: Vec<Tag>, file: impl Into<PathBuf>, lent: Address, _unused: bool) -> Enqueue\nsend_welcome::new(user: UserId, name: impl Into<String>, title: impl Into<String>, tags: Vec<Tag>, file: impl Into<PathBuf>, lent: Address, _unused: bool) -> send_welcome\n```\n\n`enqueue` stores the call, and a server runs it from the queue `default`; `new` makes the value that bulk calls, batches and recurring jobs take."
)]
pub(crate) async fn send_welcome(
    ctx: &JobContext,
    mailer: &Mailer,
    user: UserId,
    name: String,
    title: &str,
    tags: &[Tag],
    file: &Path,
    lent: &Address,
    _unused: bool,
) -> Result<Receipt, MailError> {
    mailer.send(user)
}
#[cfg(feature = "mail")]
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
#[derive(::jobs::__private::serde::Deserialize)]
#[serde(crate = "::jobs::__private::serde")]
pub(crate) struct send_welcome {
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    user: UserId,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    name: String,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    title: ::jobs::__private::String,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    tags: ::jobs::__private::Vec<Tag>,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    file: ::jobs::__private::PathBuf,
    #[serde(deserialize_with = "::jobs::__private::Field::read")]
    lent: Address,
    #[serde(rename = "unused", deserialize_with = "::jobs::__private::Field::read")]
    _unused: bool,
}
#[cfg(feature = "mail")]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::serde::Serialize for send_welcome {
    fn serialize<__S: ::jobs::__private::serde::Serializer>(
        &self,
        __serializer: __S,
    ) -> ::jobs::__private::Result<__S::Ok, __S::Error> {
        let mut __serializer = ::jobs::__private::serde::Serializer::serialize_struct(
            __serializer,
            "send_welcome",
            7usize,
        )?;
        <UserId as ::jobs::__private::Field>::write(
            &self.user,
            "user",
            &mut __serializer,
        )?;
        <String as ::jobs::__private::Field>::write(
            &self.name,
            "name",
            &mut __serializer,
        )?;
        <::jobs::__private::String as ::jobs::__private::Field>::write(
            &self.title,
            "title",
            &mut __serializer,
        )?;
        <::jobs::__private::Vec<
            Tag,
        > as ::jobs::__private::Field>::write(&self.tags, "tags", &mut __serializer)?;
        <::jobs::__private::PathBuf as ::jobs::__private::Field>::write(
            &self.file,
            "file",
            &mut __serializer,
        )?;
        <Address as ::jobs::__private::Field>::write(
            &self.lent,
            "lent",
            &mut __serializer,
        )?;
        <bool as ::jobs::__private::Field>::write(
            &self._unused,
            "unused",
            &mut __serializer,
        )?;
        ::jobs::__private::serde::ser::SerializeStruct::end(__serializer)
    }
}
#[cfg(feature = "mail")]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl send_welcome {
    pub(crate) fn new(
        user: UserId,
        name: impl ::jobs::__private::Into<String>,
        title: impl ::jobs::__private::Into<::jobs::__private::String>,
        tags: ::jobs::__private::Vec<Tag>,
        file: impl ::jobs::__private::Into<::jobs::__private::PathBuf>,
        lent: Address,
        _unused: bool,
    ) -> Self {
        Self {
            user: user,
            name: ::jobs::__private::Into::into(name),
            title: ::jobs::__private::Into::into(title),
            tags: tags,
            file: ::jobs::__private::Into::into(file),
            lent: lent,
            _unused: _unused,
        }
    }
    pub(crate) fn enqueue(
        user: UserId,
        name: impl ::jobs::__private::Into<String>,
        title: impl ::jobs::__private::Into<::jobs::__private::String>,
        tags: ::jobs::__private::Vec<Tag>,
        file: impl ::jobs::__private::Into<::jobs::__private::PathBuf>,
        lent: Address,
        _unused: bool,
    ) -> ::jobs::__private::Enqueue<'static, Self> {
        ::jobs::__private::Enqueue::new(
            Self::new(user, name, title, tags, file, lent, _unused),
        )
    }
}
#[cfg(feature = "mail")]
#[allow(non_camel_case_types, dead_code, missing_docs, deprecated, clippy::all)]
impl ::jobs::__private::Job for send_welcome {
    type Output = <Result<Receipt, MailError> as ::jobs::__private::Return>::Output;
    type Parent = ::jobs::__private::Free;
    const DESCRIPTOR: &'static ::jobs::__private::Descriptor = {
        static __DESCRIPTOR: ::jobs::__private::Descriptor = ::jobs::__private::Descriptor {
            kind: ::jobs::__private::core::concat!(
                ::jobs::__private::core::module_path!(), "::", "send_welcome"
            ),
            aliases: &[],
            place: ::jobs::__private::Place {
                module: ::jobs::__private::core::module_path!(),
                file: ::jobs::__private::core::file!(),
                line: ::jobs::__private::core::line!(),
            },
            params: &["user", "name", "title", "tags", "file", "lent", "unused"],
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
            args_layout: ::jobs::__private::args_layout::<send_welcome>,
            output_layout: ::jobs::__private::output_layout::<send_welcome>,
            run: |__run| ::jobs::__private::boxed(async move {
                let __args: send_welcome = ::jobs::__private::decode::<
                    send_welcome,
                >(&__run)?;
                let __state_0 = ::jobs::__private::state::<Mailer>(&__run)?;
                <Result<
                    Receipt,
                    MailError,
                > as ::jobs::__private::Return>::conclude(
                    send_welcome(
                            __run.context(),
                            &*__state_0,
                            __args.user,
                            __args.name,
                            &__args.title,
                            &__args.tags,
                            &__args.file,
                            &__args.lent,
                            __args._unused,
                        )
                        .await,
                    &__run,
                )
            }),
            args_to_json: ::jobs::__private::args_to_json::<send_welcome>,
            args_from_json: ::jobs::__private::args_from_json::<send_welcome>,
            output_to_json: ::jobs::__private::output_to_json::<send_welcome>,
            states: || ::jobs::__private::states([
                ::jobs::__private::StateType::of::<Mailer>(),
            ]),
            takes: ::jobs::__private::Takes::Nothing,
            recurring: &[],
        };
        &__DESCRIPTOR
    };
}
#[cfg(feature = "mail")]
impl ::jobs::__private::Standalone for send_welcome {}
#[cfg(feature = "mail")]
::jobs::__private::inventory::submit! {
    < send_welcome as ::jobs::__private::Job > ::DESCRIPTOR
}
