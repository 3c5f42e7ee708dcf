//! Bodies in the format of bincode 2's standard configuration: written by bincode, and read by it value by value.
//!
//! The walk over a value is our own, because bincode's takes the lengths that a body claims at their word: it allocates
//! them, loops over them and recurses as deep as the bytes say. This one knows how many bytes are left.

use bincode::{
    config::{Configuration, standard},
    error::{DecodeError, EncodeError},
};
use serde::{
    Serialize,
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::U32Deserializer,
    },
};

use crate::BoxError;

const CONFIG: Configuration = standard();

/// How deep options, sequences, maps and enums may nest: as deep as `serde_json` allows. Deeper bytes are an attack on the
/// stack.
const DEPTH: u32 = 128;

/// How many elements that take no bytes a value may have in all: a sequence of `()` can claim any length.
const EMPTY_ELEMENTS: u32 = 65_536;

/// Appends `value` to `bytes`.
pub(super) fn write<T: Serialize>(value: &T, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
    match bincode::serde::encode_into_std_write(value, bytes, CONFIG) {
        Ok(_) => Ok(()),
        Err(EncodeError::Serde(bincode::serde::EncodeError::SequenceMustHaveLength)) => {
            Err("it has a flattened part or a sequence of unknown length; write `codec = \"json\"`".into())
        }
        Err(EncodeError::OtherString(text)) => Err(text.into()),
        Err(other) => Err(other.to_string().into()),
    }
}

/// Reads a value that takes all of `bytes`.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut body = Body { rest: bytes, depth: DEPTH, empties: EMPTY_ELEMENTS };
    let value = T::deserialize(&mut body)?;
    match body.rest.len() {
        0 => Ok(value),
        left => Err(Fault(format!("{left} bytes are left over after the value"))),
    }
}

/// Why a body is no value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Fault(String);

impl serde::de::Error for Fault {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::UnexpectedEnd { .. } => Self("the body ends before the value does".to_owned()),
            DecodeError::Utf8 { .. } => Self("a text is not UTF-8".to_owned()),
            other => Self(format!("a value is malformed: {other:?}")),
        }
    }
}

/// What is still to be read, and what it may still use.
struct Body<'b> {
    rest: &'b [u8],
    depth: u32,
    empties: u32,
}

impl<'b> Body<'b> {
    fn take<T: bincode::BorrowDecode<'b, ()>>(&mut self) -> Result<T, Fault> {
        let (value, used) = bincode::borrow_decode_from_slice(self.rest, CONFIG)?;
        self.rest = &self.rest[used..];
        Ok(value)
    }

    /// Reads a length. On a 32-bit machine more than its memory is refused, not cut.
    fn length(&mut self) -> Result<usize, Fault> {
        let length: u64 = self.take()?;
        usize::try_from(length).map_err(|_| Fault(format!("a length of {length} is more than memory can hold")))
    }

    /// Goes one level down. Every type that contains itself does so through an option, a sequence, a map or an enum.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| Fault(format!("values nest more than {DEPTH} deep")))?;
        let result = read(self);
        self.depth += 1;
        result
    }

    /// Reads one element of a sequence or map whose length stands in the body.
    fn element<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let before = self.rest.len();
        let value = read(self)?;
        if self.rest.len() == before {
            self.empties = self.empties.checked_sub(1).ok_or_else(|| {
                Fault(format!("more than {EMPTY_ELEMENTS} elements take no bytes: the length is not to be believed"))
            })?;
        }
        Ok(value)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident,)*) => {
        $(fn $method<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.take()?)
        })*
    };
}

macro_rules! not_in_bincode {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Fault> {
            Err(Fault("the type asks the format what comes next, which bincode cannot say; write `codec = \"json\"`".to_owned()))
        })*
    };
}

impl<'b> Deserializer<'b> for &mut Body<'b> {
    type Error = Fault;

    numbers! {
        deserialize_bool visit_bool,
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_i128 visit_i128,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
        deserialize_u128 visit_u128,
        deserialize_f32 visit_f32,
        deserialize_f64 visit_f64,
        deserialize_char visit_char,
        deserialize_str visit_borrowed_str,
        deserialize_bytes visit_borrowed_bytes,
    }

    not_in_bincode! { deserialize_any deserialize_identifier deserialize_ignored_any }

    fn deserialize_string<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.take::<&str>()?.to_owned())
    }

    fn deserialize_byte_buf<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_byte_buf(self.take::<&[u8]>()?.to_owned())
    }

    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.take::<u8>()? {
            0 => visitor.visit_none(),
            1 => self.nested(|body| visitor.visit_some(body)),
            other => Err(Fault(format!("an option begins with {other}, and only 0 and 1 can be"))),
        }
    }

    fn deserialize_unit<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'b>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'b>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        let left = self.length()?;
        self.nested(|body| visitor.visit_seq(Elements { body, left }))
    }

    fn deserialize_tuple<V: Visitor<'b>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Fields { body: self, left: length })
    }

    fn deserialize_tuple_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Fault> {
        let left = self.length()?;
        self.nested(|body| visitor.visit_map(Elements { body, left }))
    }

    fn deserialize_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'b>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.nested(|body| visitor.visit_enum(Variant { body }))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The elements of a sequence or map, as many as the body says.
struct Elements<'a, 'b> {
    body: &'a mut Body<'b>,
    left: usize,
}

impl<'b> SeqAccess<'b> for Elements<'_, 'b> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.body.element(|body| seed.deserialize(body)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        // What there are no bytes for is not worth allocating.
        Some(self.left.min(self.body.rest.len()))
    }
}

impl<'b> MapAccess<'b> for Elements<'_, 'b> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(&mut *self.body)
    }

    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(self)
    }
}

/// The fields of a struct or tuple, as many as the type has.
struct Fields<'a, 'b> {
    body: &'a mut Body<'b>,
    left: usize,
}

impl<'b> SeqAccess<'b> for Fields<'_, 'b> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.body).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The variant of an enum.
struct Variant<'a, 'b> {
    body: &'a mut Body<'b>,
}

impl<'b> EnumAccess<'b> for Variant<'_, 'b> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'b>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let index = self.body.take::<u32>()?;
        let name = seed.deserialize(U32Deserializer::<Fault>::new(index))?;
        Ok((name, self))
    }
}

impl<'b> VariantAccess<'b> for Variant<'_, 'b> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'b>>(self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.body)
    }

    fn tuple_variant<V: Visitor<'b>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.body.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'b>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.body.deserialize_tuple(fields.len(), visitor)
    }
}
