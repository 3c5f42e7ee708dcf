//! What a type that is being probed gets for each of serde's questions.

use std::any::type_name;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::{BorrowedStrDeserializer, U32Deserializer},
};

use super::{
    probe::{BYTES, Probe, QUESTIONS, Refused, TEXTS, Trail, part},
    shape::{Node, Progress, Shape},
};

macro_rules! leaves {
    ($($method:ident $word:literal $visit:ident $values:expr,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.leaf($word, visitor, |visitor, n| visitor.$visit($values[n]))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refused;

    leaves! {
        deserialize_bool "bool" visit_bool [false, true],
        deserialize_i8 "i8" visit_i8 [1, 0],
        deserialize_i16 "i16" visit_i16 [1, 0],
        deserialize_i32 "i32" visit_i32 [1, 0],
        deserialize_i64 "i64" visit_i64 [1, 0],
        deserialize_i128 "i128" visit_i128 [1, 0],
        deserialize_u8 "u8" visit_u8 [1, 0],
        deserialize_u16 "u16" visit_u16 [1, 0],
        deserialize_u32 "u32" visit_u32 [1, 0],
        deserialize_u64 "u64" visit_u64 [1, 0],
        deserialize_u128 "u128" visit_u128 [1, 0],
        deserialize_f32 "f32" visit_f32 [1.0, 0.0],
        deserialize_f64 "f64" visit_f64 [1.0, 0.0],
        deserialize_char "char" visit_char ['a', '1'],
        deserialize_str "string" visit_borrowed_str TEXTS,
        deserialize_bytes "bytes" visit_borrowed_bytes BYTES,
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf("string", visitor, |visitor, n| visitor.visit_string(TEXTS[n].to_owned()))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf("bytes", visitor, |visitor, n| visitor.visit_byte_buf(BYTES[n].to_owned()))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf("()", visitor, |visitor, _| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        self.unreadable("takes whatever comes (it is untagged, internally tagged, flattened or free-form)")
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        self.unreadable("skips a value whose type it does not say")
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        self.unreadable("asks for the names of fields (it has a flattened part)")
    }

    /// A wrapper of one value is what it wraps.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        let name = type_name::<V::Value>();
        self.inside(name, "newtype", |Probe { node, trail }| {
            part(node, trail, name, |probe| visitor.visit_newtype_struct(probe))
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.parts("option", Shape::Option(Box::default()), visitor, |visitor, node, trail| match &mut node.shape {
            Shape::Option(inner) if !inner.is_dead() => {
                part(inner, trail, type_name::<V::Value>(), |probe| visitor.visit_some(probe))
            }
            _ => visitor.visit_none(),
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.parts("seq", Shape::Seq(Box::default()), visitor, |visitor, node, trail| {
            let Shape::Seq(element) = &mut node.shape else { return Err(Refused::default()) };
            let elements = if element.is_dead() { Vec::new() } else { vec![&mut **element] };
            visitor.visit_seq(Elements { elements: elements.into_iter(), trail })
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        let parts = std::iter::repeat_with(Node::default).take(length.min(QUESTIONS)).collect();
        self.parts("tuple", Shape::Tuple(parts), visitor, |visitor, node, trail| {
            let Shape::Tuple(parts) = &mut node.shape else { return Err(Refused::default()) };
            visitor.visit_seq(Elements { elements: parts.iter_mut().collect::<Vec<_>>().into_iter(), trail })
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.parts("map", Shape::Map(Box::default(), Box::default()), visitor, |visitor, node, trail| {
            let Shape::Map(key, value) = &mut node.shape else { return Err(Refused::default()) };
            let entry = if key.is_dead() || value.is_dead() { None } else { Some(&mut **key) };
            visitor.visit_map(Entry { key: entry, value, trail })
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let parts = fields.iter().map(|name| (*name, Node::default())).collect();
        self.parts("struct", Shape::Struct(parts), visitor, |visitor, node, trail| {
            let by_name = node.tries == 0;
            let Shape::Struct(fields) = &mut node.shape else { return Err(Refused::default()) };
            if by_name {
                return give_by_name(visitor, fields, trail);
            }
            let present = fields.iter_mut().filter(|(_, part)| !matches!(part.shape, Shape::Absent));
            let elements = present.map(|(_, part)| part).collect::<Vec<_>>().into_iter();
            visitor.visit_seq(Elements { elements, trail })
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let parts = variants.iter().map(|name| (*name, Node::default())).collect();
        self.parts("enum", Shape::Enum(parts), visitor, |visitor, node, trail| {
            let Shape::Enum(variants) = &mut node.shape else { return Err(Refused::default()) };
            let open = variants.iter().position(|(_, part)| part.is_open());
            let chosen = open.or_else(|| variants.iter().position(|(_, part)| !part.is_dead()));
            let index = chosen.ok_or_else(Refused::default)?;
            let node = &mut variants[index].1;
            // No enum has 2^32 variants: the compiler would not end.
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            visitor.visit_enum(Variant { index, node, trail })
        })
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Gives a struct its fields by name, so that one which takes no made-up value does not hide those behind it.
fn give_by_name<'de, V: Visitor<'de>>(
    visitor: V,
    fields: &mut [(&'static str, Node)],
    trail: &mut Trail,
) -> Result<V::Value, Refused> {
    let mut given = Given::default();
    let result = visitor.visit_map(Named { fields, given: &mut given, trail });
    if let (Err(refused), Some(at)) = (&result, given.name) {
        // The name was refused before its value was asked for. Where it is a second name of a field, serde lists the names of
        // a field side by side and tells which is the first.
        fields[at].1.shape = Shape::Absent;
        fields[at].1.close(Progress::Dead, trail);
        if let (Some(first), Some(last)) = (refused.twice, given.last) {
            fields[last].0 = first;
        }
    }
    result
}

/// How far the fields have been given.
#[derive(Default)]
struct Given {
    /// The next field.
    next: usize,
    /// The field whose name was given and its value not yet.
    name: Option<usize>,
    /// The last field whose value was given.
    last: Option<usize>,
}

struct Named<'t> {
    fields: &'t mut [(&'static str, Node)],
    given: &'t mut Given,
    trail: &'t mut Trail,
}

impl<'de> MapAccess<'de> for Named<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let left = self.fields.iter().enumerate().skip(self.given.next);
        let Some((at, name)) = left.filter(|(_, (_, part))| !part.is_dead()).map(|(at, (name, _))| (at, *name)).next()
        else {
            return Ok(None);
        };
        self.given.next = at + 1;
        self.given.name = Some(at);
        seed.deserialize(BorrowedStrDeserializer::<Refused>::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let at = self.given.name.take().ok_or_else(Refused::default)?;
        self.given.last = Some(at);
        part(&mut self.fields[at].1, self.trail, type_name::<S>(), |probe| seed.deserialize(probe))
    }
}

struct Elements<'t> {
    elements: std::vec::IntoIter<&'t mut Node>,
    trail: &'t mut Trail,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some(node) = self.elements.next() else { return Ok(None) };
        part(node, self.trail, type_name::<S>(), |probe| seed.deserialize(probe)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

struct Entry<'t> {
    key: Option<&'t mut Node>,
    value: &'t mut Node,
    trail: &'t mut Trail,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some(node) = self.key.take() else { return Ok(None) };
        part(node, self.trail, type_name::<S>(), |probe| seed.deserialize(probe)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        part(self.value, self.trail, type_name::<S>(), |probe| seed.deserialize(probe))
    }
}

struct Variant<'t> {
    index: u32,
    node: &'t mut Node,
    trail: &'t mut Trail,
}

impl<'de, 't> EnumAccess<'de> for Variant<'t> {
    type Error = Refused;
    type Variant = Probe<'t>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Probe<'t>), Refused> {
        let Self { index, node, trail } = self;
        let result = seed.deserialize(U32Deserializer::<Refused>::new(index));
        if result.is_err() {
            // There are fewer variants than names: some have two.
            node.shape = Shape::Absent;
            node.close(Progress::Dead, trail);
        }
        result.map(|variant| (variant, Probe { node, trail }))
    }
}

impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.node.shape = Shape::Leaf("()");
        self.node.close(Progress::Alive, self.trail);
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        part(self.node, self.trail, type_name::<S>(), |probe| seed.deserialize(probe))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_struct("", fields, visitor)
    }
}
