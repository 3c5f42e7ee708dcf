//! A payload of another layout than the program has now, as `#[job(upgrade = ..)]` functions get it.

use serde::de::DeserializeOwned;

use super::{Codec, Fault, Header, read};
use crate::{error::Result, layout};

/// Args that were stored with an older version or another layout than the job has now.
///
/// ```
/// use jobs_runtime::codec::{self, Codec, Header, Stored};
/// use jobs_runtime::layout;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct GreetV1 {
///     name: String,
/// }
///
/// struct Greet {
///     name: String,
///     loud: bool,
/// }
///
/// fn upgrade(stored: Stored) -> jobs_runtime::Result<Greet> {
///     let old: GreetV1 = stored.decode()?;
///     Ok(Greet { name: old.name, loud: false })
/// }
/// # let header = Header { codec: Codec::Bincode, version: 1, fingerprint: layout::of::<GreetV1>().fingerprint };
/// # let bytes = codec::encode(&GreetV1 { name: "Ada".to_owned() }, header, "the args of `greet`")?;
/// # let (header, body) = codec::open(&bytes, "the args of `greet`")?;
/// # let new = upgrade(Stored::new(header, body, "the args of `greet`"))?;
/// # assert_eq!((new.name.as_str(), new.loud), ("Ada", false));
/// # Ok::<(), jobs_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stored {
    header: Header,
    body: Box<[u8]>,
    what: String,
}

impl Stored {
    /// What [`open`](super::open) found. `what` names it in errors.
    pub fn new(header: Header, body: &[u8], what: &str) -> Self {
        Self { header, body: body.into(), what: what.to_owned() }
    }

    /// The version that the job had when it was stored; 1 where it had none.
    pub fn version(&self) -> u16 {
        self.header.version
    }

    /// How it is written.
    pub fn codec(&self) -> Codec {
        self.header.codec
    }

    /// Reads it as the type that the args had: a struct with the same names, types and order of parameters. The struct's
    /// own name is free.
    ///
    /// What was written as JSON is read by names, and may be read as any type that fits, `serde_json::Value` too.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode) when `Old` has not the layout that it was written with, or it does not make an `Old`.
    pub fn decode<Old: DeserializeOwned + 'static>(&self) -> Result<Old> {
        if self.header.codec == Codec::Bincode {
            let now = layout::of::<Old>();
            if now.fingerprint != self.header.fingerprint {
                let ty = std::any::type_name::<Old>();
                let fault = Fault::OtherType { stored: self.header.fingerprint, ty, now: (*now).clone() };
                return Err(fault.of(&self.what));
            }
        }
        read(self.header, &self.body, &self.what)
    }
}
