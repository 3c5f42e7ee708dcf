//! A table of types and their layouts, and which changes of a type change its fingerprint.

#![allow(dead_code, reason = "most types here are only traced")]

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::*;

#[derive(Deserialize)]
struct Unit;

#[derive(Deserialize)]
struct UserId(u64);

#[derive(Deserialize)]
struct Point(i32, i32);

#[derive(Deserialize)]
struct Customer {
    id: UserId,
    name: String,
    home: Option<Point>,
}

#[derive(Deserialize)]
enum Event {
    Opened,
    Paid(u32),
    Moved(i8, i8),
    Closed { why: String, by: Option<UserId> },
}

#[derive(Deserialize)]
enum Nested {
    Inner(Event),
    Other { event: Event, result: Result<u8, String> },
}

#[derive(Deserialize)]
struct Tree {
    value: u8,
    children: Vec<Tree>,
}

#[derive(Deserialize)]
struct List(Option<Box<List>>);

#[derive(Deserialize)]
enum Expr {
    Sum(Box<Expr>, Box<Expr>, u8),
    Not { inner: Box<Expr> },
    Number(i64),
}

#[derive(Deserialize)]
struct Page<T> {
    items: T,
}

/// Takes only texts of its own form, which no made-up one has.
#[derive(PartialEq, Eq, Hash)]
struct OrderNumber(String);

impl<'de> Deserialize<'de> for OrderNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with("ORD-") { Ok(Self(text)) } else { Err(D::Error::custom("no order number")) }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "(u8, u8)")]
struct Range(u8, u8);

impl TryFrom<(u8, u8)> for Range {
    type Error = &'static str;

    fn try_from((from, to): (u8, u8)) -> Result<Self, Self::Error> {
        if from < to { Ok(Self(from, to)) } else { Err("empty") }
    }
}

#[derive(Deserialize)]
struct Ship {
    order: OrderNumber,
    event: Event,
    range: Range,
    again: Option<OrderNumber>,
    last: i16,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(rename = "n")]
    number: u32,
    #[serde(default)]
    text: String,
    #[serde(skip)]
    hidden: u64,
    #[serde(alias = "aka", alias = "zz")]
    name: String,
    last: bool,
}

#[derive(Deserialize)]
struct Touchy(#[serde(deserialize_with = "touchy")] u8);

fn touchy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.as_bytes()[1_000])
}

struct Blob;

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Blob;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, _: &[u8]) -> Result<Blob, E> {
                Ok(Blob)
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

fn check<T: DeserializeOwned>(expected: &str) {
    let layout = trace::<T>();
    assert_eq!(layout.text, expected, "{}", type_name::<T>());
    assert_eq!(layout.unreadable, None, "{}", type_name::<T>());
    assert_eq!(trace::<T>(), layout, "a second trace of {}", type_name::<T>());
}

#[test]
fn plain_types() {
    check::<()>("()");
    check::<Unit>("()");
    check::<bool>("bool");
    check::<char>("char");
    check::<i128>("i128");
    check::<usize>("u64");
    check::<f32>("f32");
    check::<String>("string");
    check::<Cow<'static, str>>("string");
    check::<Box<str>>("string");
    check::<Vec<u8>>("[u8]");
    check::<Blob>("bytes");
    check::<NonZeroU32>("u32");
    check::<Option<Option<u8>>>("u8??");
    check::<(u8, String)>("(u8, string)");
    check::<[u8; 32]>("(u8 x 32)");
    check::<HashSet<u16>>("[u16]");
    check::<HashMap<String, Vec<u32>>>("{string => [u32]}");
    check::<Vec<BTreeMap<u8, Option<char>>>>("[{u8 => char?}]");
    check::<Result<u8, String>>("<Ok(u8) | Err(string)>");
    check::<Duration>("{secs: u64, nanos: u32}");
    check::<std::marker::PhantomData<u8>>("()");
}

#[test]
fn structs_and_enums() {
    check::<UserId>("u64");
    check::<Point>("(i32 x 2)");
    check::<Customer>("{id: u64, name: string, home: (i32 x 2)?}");
    let event = "<Opened | Paid(u32) | Moved(i8 x 2) | Closed{why: string, by: u64?}>";
    check::<Event>(event);
    check::<Nested>(&format!("<Inner({event}) | Other{{event: {event}, result: <Ok(u8) | Err(string)>}}>"));
    check::<Vec<(Event, Event)>>(&format!("[({event} x 2)]"));
}

#[test]
fn types_that_contain_themselves() {
    check::<Tree>("{value: u8, children: [^2]}");
    check::<List>("^2?");
    check::<Expr>("<Sum(^2 x 2, u8) | Not{inner: ^2} | Number(i64)>");
    // The same generic struct inside itself is no recursion.
    check::<Page<Page<u32>>>("{items: {items: u32}}");
}

#[test]
fn types_that_refuse_made_up_values_count_by_name() {
    check::<OrderNumber>("OrderNumber(string)");
    check::<Vec<OrderNumber>>("[OrderNumber(string)]");
    check::<HashMap<OrderNumber, Event>>("{OrderNumber(string) => _}");
    check::<Range>("Range((u8 x 2))");
    check::<uuid::Uuid>("Uuid(bytes)");
    check::<jiff::Timestamp>("Timestamp(string)");
    check::<jiff::civil::Date>("Date(string)");
    check::<jiff::Zoned>("Zoned(string)");
    check::<(jiff::Timestamp, uuid::Uuid, u8)>("(Timestamp(string), Uuid(bytes), u8)");
    check::<IpAddr>("<V4(u8 x 4) | V6(u8 x 16)>");
    check::<crate::JobId>("Uuid(bytes)");
    // One that takes none of them hides what is behind it in a tuple, which then counts by its name too.
    check::<(OrderNumber, Event)>("(OrderNumber, Event)((OrderNumber(string), _))");
    // In a struct it hides nothing.
    check::<Ship>(
        "{order: OrderNumber(string), event: <Opened | Paid(u32) | Moved(i8 x 2) | Closed{why: string, by: u64?}>, \
         range: Range((u8 x 2)), again: OrderNumber(string)?, last: i16}",
    );
}

#[test]
fn attributes_count_as_serde_applies_them() {
    check::<Attributes>("{n: u32, text: string, name: string, last: bool}");
}

#[test]
fn a_panic_of_the_type_leaves_its_name() {
    check::<Touchy>("Touchy(_)");
}

#[test]
fn what_bincode_cannot_read_is_found() {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
        Text(String),
    }
    #[derive(Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        A { n: u8 },
        B,
    }
    #[derive(Deserialize)]
    #[serde(tag = "type", content = "content")]
    enum Adjacent {
        A(u8),
        B(String),
    }
    #[derive(Deserialize)]
    struct Flat {
        id: u8,
        #[serde(flatten)]
        rest: HashMap<String, String>,
    }
    #[derive(Deserialize)]
    struct Deep {
        first: Vec<Option<serde_json::Value>>,
        second: u8,
    }
    fn check<T: DeserializeOwned>(expected: &str) {
        let why = trace::<T>().unreadable.unwrap_or_default();
        assert!(why.contains(expected), "{}: {why}", type_name::<T>());
    }
    check::<Untagged>("takes whatever comes");
    check::<Tagged>("takes whatever comes");
    check::<Adjacent>("depends on the value of another");
    check::<Flat>("asks for the names of fields");
    check::<serde_json::Value>("`Value` takes whatever comes");
    check::<Deep>("`Value` takes whatever comes");
    assert_eq!(trace::<Deep>().text, "{first: [any?], second: u8}");
}

/// The fingerprint of a struct or enum of the given form, whatever its name.
macro_rules! fingerprint {
    ($($form:tt)*) => {{
        #[derive(Deserialize)]
        $($form)*
        trace::<T>().fingerprint
    }};
}

#[test]
fn changes_of_a_type_change_its_fingerprint() {
    let base = fingerprint!(
        struct T {
            a: u32,
            b: String,
        }
    );
    for (what, other) in [
        (
            "fields swapped",
            fingerprint!(
                struct T {
                    b: String,
                    a: u32,
                }
            ),
        ),
        (
            "a field renamed",
            fingerprint!(
                struct T {
                    a: u32,
                    c: String,
                }
            ),
        ),
        (
            "a field added",
            fingerprint!(
                struct T {
                    a: u32,
                    b: String,
                    c: Option<u8>,
                }
            ),
        ),
        (
            "a field removed",
            fingerprint!(
                struct T {
                    a: u32,
                }
            ),
        ),
        (
            "u32 to i64",
            fingerprint!(
                struct T {
                    a: i64,
                    b: String,
                }
            ),
        ),
        (
            "u32 to u64",
            fingerprint!(
                struct T {
                    a: u64,
                    b: String,
                }
            ),
        ),
        (
            "optional",
            fingerprint!(
                struct T {
                    a: u32,
                    b: Option<String>,
                }
            ),
        ),
        (
            "a tuple",
            fingerprint!(
                struct T(u32, String);
            ),
        ),
        (
            "renamed for serde",
            fingerprint!(
                struct T {
                    #[serde(rename = "x")]
                    a: u32,
                    b: String,
                }
            ),
        ),
    ] {
        assert_ne!(other, base, "{what}");
    }
    let base = fingerprint!(
        enum T {
            A,
            B(u8),
        }
    );
    for (what, other) in [
        (
            "a variant before",
            fingerprint!(
                enum T {
                    Z,
                    A,
                    B(u8),
                }
            ),
        ),
        (
            "a variant behind",
            fingerprint!(
                enum T {
                    A,
                    B(u8),
                    C,
                }
            ),
        ),
        (
            "variants swapped",
            fingerprint!(
                enum T {
                    B(u8),
                    A,
                }
            ),
        ),
        (
            "a variant's part",
            fingerprint!(
                enum T {
                    A,
                    B(u16),
                }
            ),
        ),
        (
            "a variant's form",
            fingerprint!(
                enum T {
                    A,
                    B { b: u8 },
                }
            ),
        ),
    ] {
        assert_ne!(other, base, "{what}");
    }
}

#[test]
fn what_bincode_does_not_see_does_not_change_the_fingerprint() {
    let base = fingerprint!(
        struct T {
            a: u32,
            b: String,
        }
    );
    for (what, other) in [
        (
            "documentation",
            fingerprint!(
                /// Some words.
                struct T {
                    /// More words.
                    a: u32,

                    b: String,
                }
            ),
        ),
        (
            "visibility",
            fingerprint!(
                struct T {
                    pub(super) a: u32,
                    b: String,
                }
            ),
        ),
        (
            "a default",
            fingerprint!(
                struct T {
                    #[serde(default)]
                    a: u32,
                    b: String,
                }
            ),
        ),
        (
            "a second name",
            fingerprint!(
                struct T {
                    #[serde(alias = "x")]
                    a: u32,
                    b: String,
                }
            ),
        ),
        (
            "a skipped field",
            fingerprint!(
                struct T {
                    a: u32,
                    #[serde(skip)]
                    x: u8,
                    b: String,
                }
            ),
        ),
        (
            "a wrapper",
            fingerprint!(
                struct T {
                    a: Page1<u32>,
                    b: Box<str>,
                }
            ),
        ),
    ] {
        assert_eq!(other, base, "{what}");
    }
}

#[derive(Deserialize)]
struct Page1<T>(T);

#[test]
fn fingerprints_are_the_same_in_every_build() {
    // The published test values of FNV-1a.
    assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn names_are_kept_without_their_modules() {
    for (full, expected) in [
        ("jiff::timestamp::Timestamp", "Timestamp"),
        ("core::marker::PhantomData<url::Url>", "Url"),
        ("core::marker::PhantomData<core::option::Option<a::b::C<d::E, [u8; 4]>>>", "C<E, [u8; 4]>"),
        ("(a::B, alloc::vec::Vec<c::D>)", "(B, Vec<D>)"),
        ("alloc::borrow::Cow<'_, str>", "Cow<str>"),
        ("a::Ref<'_>", "Ref"),
    ] {
        assert_eq!(short_name(full), expected);
    }
}

#[test]
fn a_huge_type_ends() {
    type D1 = (Event, Event, Event, Event, Event, Event, Event, Event);
    type D2 = (D1, D1, D1, D1, D1, D1, D1, D1);
    type D3 = (D2, D2, D2, D2, D2, D2, D2, D2);
    type D4 = (D3, D3, D3, D3, D3, D3, D3, D3);
    assert_eq!(trace::<D4>(), trace::<D4>());
    assert_ne!(trace::<D4>().fingerprint, trace::<D3>().fingerprint);
}
