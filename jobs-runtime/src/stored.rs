//! Stored args and outputs: bytes to values and back, guarded by the fingerprint of their layout.

pub(crate) mod inputs;

use std::{any::TypeId, sync::Arc, time::Duration};

use serde::{
    Deserializer, Serialize,
    de::{DeserializeOwned, IntoDeserializer, value},
    ser::SerializeStruct,
};

use crate::{
    Error, Result,
    codec::{self, Codec, Header},
    error::BoxError,
    job::{Descriptor, Failure, Job, Success, Verdict},
    layout,
    outcome::HandlerError,
    run::Run,
};

/// A type that a job's parameter or output can have: it is written and read by serde, and owns what it holds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored with a job",
    label = "cannot be stored and read back",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it (a type of another crate may have a feature `serde`); a value that lives in the server is a `#[state]` parameter"
)]
pub trait Storable: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Storable for T {}

/// [`Storable`] as fields of generated types use it: without supertraits, whose absence the compiler would report as well.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored with a job",
    label = "cannot be stored and read back",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it (a type of another crate may have a feature `serde`); a value that lives in the server is a `#[state]` parameter"
)]
pub trait Field: Sized {
    /// Writes the value as a field of this name.
    ///
    /// # Errors
    /// The serializer's.
    fn write<S: SerializeStruct>(&self, name: &'static str, to: &mut S) -> Result<(), S::Error>;

    /// Reads a value.
    ///
    /// # Errors
    /// The deserializer's.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Storable> Field for T {
    fn write<S: SerializeStruct>(&self, name: &'static str, to: &mut S) -> Result<(), S::Error> {
        to.serialize_field(name, self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }
}

/// Args that were stored with an earlier version of a job's parameters, as `#[job(version = 2, upgrade = f)]` gets them.
///
/// ```
/// use jobs_runtime::Stored;
/// # struct SendMail;
/// # impl SendMail { fn new(_: u64, _: &str) -> Self { Self } }
///
/// /// What version 1 stored: the names are those of the parameters of that time.
/// #[derive(serde::Deserialize)]
/// struct Version1 {
///     user: u64,
/// }
///
/// fn upgrade(stored: Stored) -> jobs_runtime::Result<SendMail> {
///     let old: Version1 = stored.read()?;
///     Ok(SendMail::new(old.user, "stranger"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Stored {
    header: Header,
    payload: Arc<[u8]>,
    what: Arc<str>,
}

impl Stored {
    /// The `version` of the job when it was stored.
    pub fn version(&self) -> u16 {
        self.header.version
    }

    /// The args as a type with the parameters of that time.
    ///
    /// # Errors
    /// [`Error::Decode`] when the type's layout is not the one that was stored, and when the bytes are damaged.
    pub fn read<T: DeserializeOwned + 'static>(&self) -> Result<T> {
        let layout = layout::of::<T>();
        if layout.fingerprint != self.header.fingerprint {
            let why = format!(
                "they were stored as layout {:016x} and not as {:016x}, which is {}",
                self.header.fingerprint, layout.fingerprint, layout.text
            );
            return Err(Error::Decode { what: self.what.to_string(), source: why.into() });
        }
        let (header, body) = codec::open(&self.payload, &self.what)?;
        codec::read(header, body, &self.what)
    }

    /// The args as JSON, where the job was stored with `codec = "json"`.
    ///
    /// # Errors
    /// [`Error::Decode`] when it was not, and when the bytes are damaged.
    pub fn json(&self) -> Result<serde_json::Value> {
        if self.header.codec != Codec::Json {
            let why =
                "they were not stored with `codec = \"json\"`; read them as a type with the parameters of that time";
            return Err(Error::Decode { what: self.what.to_string(), source: why.into() });
        }
        let (header, body) = codec::open(&self.payload, &self.what)?;
        codec::read(header, body, &self.what)
    }
}

/// What a value of this type says in front of its bytes.
fn header<T: DeserializeOwned + 'static>(descriptor: &Descriptor) -> Header {
    Header { codec: descriptor.codec, version: descriptor.version, fingerprint: layout::of::<T>().fingerprint }
}

/// How the args of a job type are written.
#[derive(Debug)]
pub(crate) struct ArgsFormat {
    header: Header,
    what: String,
    /// Why what is written could not be read back.
    fault: Option<String>,
}

impl ArgsFormat {
    /// How those of `J` are.
    pub(crate) fn of<J: Job>() -> Self {
        let descriptor = J::DESCRIPTOR;
        let layout = layout::of::<J>();
        let unreadable = layout.unreadable.as_ref().filter(|_| descriptor.codec == Codec::Bincode);
        let fault = unreadable.map(|why| {
            format!(
                "the args of `{}` could be stored but not read back: {why}; write `#[job(codec = \"json\")]`",
                descriptor.kind
            )
        });
        Self { header: header::<J>(descriptor), what: args_of(descriptor), fault }
    }

    /// The payload of a job of this type.
    ///
    /// # Errors
    /// [`Error::Config`] for args that could not be read back; [`Error::Encode`] when the serializer refuses.
    pub(crate) fn encode<J: Job>(&self, job: &J) -> Result<Vec<u8>> {
        match &self.fault {
            Some(fault) => Err(Error::Config(fault.clone())),
            None => codec::encode(job, self.header, &self.what),
        }
    }
}

/// The payload of a job.
///
/// # Errors
/// Those of [`ArgsFormat::encode`].
pub(crate) fn encode_args<J: Job>(job: &J) -> Result<Vec<u8>> {
    ArgsFormat::of::<J>().encode(job)
}

/// The args of the job that runs, if they have today's layout.
pub(crate) fn decode<J: Job>(run: &Run) -> Result<J, Failure> {
    match open::<J>(run)? {
        Opened::Read(job) => Ok(job),
        Opened::Other(stored) => Err(other_layout::<J>(&stored)),
    }
}

/// The args of the job that runs, through the upgrade where they have another layout.
pub(crate) fn decode_or_upgrade<J, E, F>(run: &Run, upgrade: F) -> Result<J, Failure>
where
    J: Job,
    E: HandlerError,
    F: FnOnce(Stored) -> Result<J, E>,
{
    match open::<J>(run)? {
        Opened::Read(job) => Ok(job),
        Opened::Other(stored) if stored.version() > J::DESCRIPTOR.version => Err(other_layout::<J>(&stored)),
        Opened::Other(stored) => upgrade(stored).map_err(|error| fatal(error.boxed())),
    }
}

enum Opened<J> {
    Read(J),
    Other(Stored),
}

fn open<J: Job>(run: &Run) -> Result<Opened<J>, Failure> {
    let descriptor = J::DESCRIPTOR;
    let what = args_of(descriptor);
    let (header, body) = codec::open(run.payload(), &what).map_err(fatal)?;
    if header.version == descriptor.version && header.fingerprint == layout::of::<J>().fingerprint {
        return codec::read(header, body, &what).map(Opened::Read).map_err(fatal);
    }
    Ok(Opened::Other(Stored { header, payload: Arc::from(run.payload()), what: Arc::from(what) }))
}

/// How long a job waits before another look whether a newer server takes it.
const UNTIL_A_NEWER_SERVER: Duration = Duration::from_secs(30);

/// Args of a later version are another server's to read, which may still be starting; those of an earlier one nobody's.
fn other_layout<J: Job>(stored: &Stored) -> Failure {
    let Descriptor { kind, version, .. } = *J::DESCRIPTOR;
    let layout = layout::of::<J>();
    let Header { version: old, fingerprint, .. } = stored.header;
    let stored = format!("the args of `{kind}` were stored as version {old} (layout {fingerprint:016x})");
    let ours = format!("this program reads version {version} (layout {:016x}, {})", layout.fingerprint, layout.text);
    if old > version {
        let error = format!("{stored}, and {ours}; a server with the newer program will run it");
        tracing::warn!(kind, "{error}");
        return Failure { error: error.into(), verdict: Verdict::Snooze(UNTIL_A_NEWER_SERVER) };
    }
    let next = old.saturating_add(1).max(version);
    fatal(format!(
        "{stored}, and {ours}; write `#[job(version = {next}, upgrade = ..)]` with a function that turns the stored args into \
         these, and requeue the job"
    ))
}

fn fatal(error: impl Into<BoxError>) -> Failure {
    Failure { error: error.into(), verdict: Verdict::Fatal }
}

/// The end of an attempt that returned this output. An output that cannot be stored is not cured by running the job again.
pub(crate) fn success<T: Serialize + DeserializeOwned + 'static>(run: &Run, output: &T) -> Result<Success, Failure> {
    Ok(Success { output: encode_output(run.descriptor(), output).map_err(fatal)? })
}

/// What is stored of an output: nothing of `()`.
///
/// # Errors
/// [`Error::Encode`] when the serializer refuses.
pub(crate) fn encode_output<T: Serialize + DeserializeOwned + 'static>(
    descriptor: &Descriptor,
    output: &T,
) -> Result<Option<Vec<u8>>> {
    if TypeId::of::<T>() == TypeId::of::<()>() {
        return Ok(None);
    }
    codec::encode(output, header::<T>(descriptor), &output_of(descriptor)).map(Some)
}

/// A stored output as a value of a type that may not be the one that was stored. `what` names it in errors: "the output of job 7";
/// `remedy` says what to do where it has another layout.
///
/// # Errors
/// [`Error::Decode`] naming both layouts when they differ, and when the bytes are damaged.
pub(crate) fn read_output<T: DeserializeOwned + 'static>(stored: Option<&[u8]>, what: &str, remedy: &str) -> Result<T> {
    let layout = layout::of::<T>();
    let other = |found: u64| {
        let ours = layout.fingerprint;
        let text = &layout.text;
        let was = if stored.is_none() { "nothing, which is layout" } else { "layout" };
        let why = format!("it was stored as {was} {found:016x} and not as {ours:016x}, which is {text}; {remedy}");
        Error::Decode { what: what.to_owned(), source: why.into() }
    };
    let Some(stored) = stored else {
        // Nothing is stored of `()`, and only what looks like it is made of nothing.
        let unit = layout::of::<()>().fingerprint;
        if layout.fingerprint != unit {
            return Err(other(unit));
        }
        let nothing: value::UnitDeserializer<value::Error> = ().into_deserializer();
        return T::deserialize(nothing)
            .map_err(|source| Error::Decode { what: what.to_owned(), source: source.into() });
    };
    let (header, body) = codec::open(stored, what)?;
    if header.fingerprint != layout.fingerprint {
        return Err(other(header.fingerprint));
    }
    codec::read(header, body, what)
}

/// Shows stored args.
pub(crate) fn args_to_json<J: Job>(payload: &[u8]) -> Result<serde_json::Value> {
    to_json::<J>(payload, &args_of(J::DESCRIPTOR))
}

/// Makes stored args out of what a page sent.
pub(crate) fn args_from_json<J: Job>(value: serde_json::Value) -> Result<Vec<u8>> {
    let job: J = serde_json::from_value(value)
        .map_err(|error| Error::Decode { what: args_of(J::DESCRIPTOR), source: error.into() })?;
    encode_args(&job)
}

/// Shows a stored output.
pub(crate) fn output_to_json<J: Job>(payload: &[u8]) -> Result<serde_json::Value> {
    to_json::<J::Output>(payload, &output_of(J::DESCRIPTOR))
}

fn to_json<T: Serialize + DeserializeOwned + 'static>(payload: &[u8], what: &str) -> Result<serde_json::Value> {
    let (header, body) = codec::open(payload, what)?;
    if header.codec == Codec::Json {
        return codec::read(header, body, what);
    }
    let stored = Stored { header, payload: Arc::from(payload), what: Arc::from(what) };
    serde_json::to_value(stored.read::<T>()?)
        .map_err(|error| Error::Encode { what: what.to_owned(), source: error.into() })
}

fn args_of(descriptor: &Descriptor) -> String {
    format!("the args of `{}`", descriptor.kind)
}

fn output_of(descriptor: &Descriptor) -> String {
    format!("the output of `{}`", descriptor.kind)
}
