//! What generated code does with stored args and outputs: values to payloads and back, by the job's own descriptor.

use std::any::TypeId;

use serde::{Deserializer, Serialize, de::DeserializeOwned, ser::SerializeStruct};

use crate::{
    BoxError, Error, Result,
    codec::{self, Codec, Header, Stored},
    job::{Descriptor, Failure, Job, Success, Verdict},
    layout,
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

/// [`Storable`] as the fields of generated types use it: without supertraits, whose absence the compiler would report as well.
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

/// What a value of this type says in front of its bytes.
fn header<T: DeserializeOwned + 'static>(descriptor: &Descriptor) -> Header {
    let Descriptor { codec, version, .. } = *descriptor;
    Header { codec, version, fingerprint: layout::of::<T>().fingerprint }
}

/// The payload of a job.
///
/// # Errors
/// [`Error::Config`] for args that could not be read back; [`Error::Encode`] when the serializer refuses.
pub(crate) fn encode_args<J: Job>(job: &J) -> Result<Vec<u8>> {
    let descriptor = J::DESCRIPTOR;
    if let (Codec::Bincode, Some(why)) = (descriptor.codec, &layout::of::<J>().unreadable) {
        return Err(Error::Config(format!(
            "the args of `{}` could be stored but not read back: {why}; write `#[job(codec = \"json\")]`",
            descriptor.kind
        )));
    }
    codec::encode(job, header::<J>(descriptor), &args_of(descriptor))
}

/// The args of the job that runs, through the upgrade where they have an earlier version or another layout.
///
/// # Errors
/// A failure that no retry cures, but for args of a later version: they are a newer server's to read.
pub(crate) fn decode<J: Job>(
    run: &Run,
    upgrade: Option<impl FnOnce(Stored) -> Result<J, BoxError>>,
) -> Result<J, Failure> {
    let descriptor = J::DESCRIPTOR;
    let (expected, what) = (header::<J>(descriptor), args_of(descriptor));
    let decoded = match upgrade {
        None => codec::decode(run.payload(), expected, &what),
        Some(upgrade) => codec::decode_or_upgrade(run.payload(), expected, &what, upgrade),
    };
    decoded.map_err(|error| {
        let newer = codec::open(run.payload(), &what).is_ok_and(|(header, _)| header.version > expected.version);
        Failure { error: error.into(), verdict: if newer { Verdict::Retry } else { Verdict::Fatal } }
    })
}

/// The end of an attempt that returned this output. An output that cannot be stored is not cured by running the job again.
pub(crate) fn success<T: Serialize + DeserializeOwned + 'static>(run: &Run, output: &T) -> Result<Success, Failure> {
    if TypeId::of::<T>() == TypeId::of::<()>() {
        return Ok(Success::default());
    }
    let descriptor = run.descriptor();
    let output = codec::encode(output, header::<T>(descriptor), &output_of(descriptor))
        .map_err(|error| Failure { error: error.into(), verdict: Verdict::Fatal })?;
    Ok(Success { output: Some(output) })
}

/// Shows stored args.
pub(crate) fn args_to_json<J: Job>(payload: &[u8]) -> Result<serde_json::Value> {
    show::<J>(payload, J::DESCRIPTOR, &args_of(J::DESCRIPTOR))
}

/// Makes stored args out of what a page sent.
pub(crate) fn args_from_json<J: Job>(value: serde_json::Value) -> Result<Vec<u8>> {
    let what = || args_of(J::DESCRIPTOR);
    let job: J = serde_json::from_value(value).map_err(|error| Error::Decode { what: what(), source: error.into() })?;
    encode_args(&job)
}

/// Shows a stored output.
pub(crate) fn output_to_json<J: Job>(payload: &[u8]) -> Result<serde_json::Value> {
    show::<J::Output>(payload, J::DESCRIPTOR, &output_of(J::DESCRIPTOR))
}

/// What is stored as JSON can be shown whatever its layout.
fn show<T>(payload: &[u8], descriptor: &Descriptor, what: &str) -> Result<serde_json::Value>
where
    T: Serialize + DeserializeOwned + 'static,
{
    let (found, body) = codec::open(payload, what)?;
    match found.codec {
        Codec::Json => codec::read(found, body, what),
        Codec::Bincode => codec::show::<T>(payload, header::<T>(descriptor), what),
    }
}

fn args_of(descriptor: &Descriptor) -> String {
    format!("the args of `{}`", descriptor.kind)
}

fn output_of(descriptor: &Descriptor) -> String {
    format!("the output of `{}`", descriptor.kind)
}
