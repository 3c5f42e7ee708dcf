//! What is written comes back; what is damaged, foreign or made to hurt does not.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::layout;

const WHAT: &str = "the args of `probe`";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Part {
    Nothing,
    One(i64),
    Two(u128, char),
    Named { text: String, bytes: Vec<u8>, inner: Option<Box<Part>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Args {
    flag: bool,
    small: (u8, i8, u16, i16),
    large: (u32, i32, u64, i128),
    float: f64,
    name: String,
    parts: Vec<Part>,
    by_name: BTreeMap<String, Option<u32>>,
    unit: (),
    array: [u16; 3],
}

fn part() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![
        Just(Part::Nothing),
        any::<i64>().prop_map(Part::One),
        any::<(u128, char)>().prop_map(|(n, c)| Part::Two(n, c)),
    ];
    leaf.prop_recursive(4, 16, 1, |inner| {
        (any::<String>(), any::<Vec<u8>>(), proptest::option::of(inner.prop_map(Box::new)))
            .prop_map(|(text, bytes, inner)| Part::Named { text, bytes, inner })
    })
}

fn args() -> impl Strategy<Value = Args> {
    let names = proptest::collection::btree_map(any::<String>(), any::<Option<u32>>(), 0..4);
    let numbers = (any::<bool>(), any::<(u8, i8, u16, i16)>(), any::<(u32, i32, u64, i128)>(), -1e300..1e300);
    (numbers, any::<String>(), proptest::collection::vec(part(), 0..4), names, any::<[u16; 3]>()).prop_map(
        |((flag, small, large, float), name, parts, by_name, array)| Args {
            flag,
            small,
            large,
            float,
            name,
            parts,
            by_name,
            unit: (),
            array,
        },
    )
}

/// Opens and reads, as the callers do.
fn decode<T: DeserializeOwned>(bytes: &[u8], expected: Header, what: &str) -> crate::Result<T> {
    let (found, body) = open(bytes, what)?;
    assert_eq!(found, expected);
    read(found, body, what)
}

fn header<T: DeserializeOwned + 'static>(codec: Codec) -> Header {
    Header { codec, version: 1, fingerprint: layout::of::<T>().fingerprint }
}

fn stored(value: &Args, codec: Codec) -> Vec<u8> {
    encode(value, header::<Args>(codec), WHAT).expect("plain data serializes")
}

/// The text of an error and of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Reads a bare body as `T`, and gives the whole text of the error.
fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    read(Header { codec: Codec::Bincode, version: 1, fingerprint: 0 }, body, WHAT).map_err(|error| chain(&error))
}

proptest! {
    #[test]
    fn what_is_written_comes_back(value in args(), json: bool) {
        // JSON has no 128-bit numbers that every reader takes, and serde_json takes them.
        let codec = if json { Codec::Json } else { Codec::Bincode };
        let bytes = stored(&value, codec);
        prop_assert_eq!(decode::<Args>(&bytes, header::<Args>(codec), WHAT).map_err(|error| chain(&error)), Ok(value));
    }

    #[test]
    fn bodies_are_bincode_and_are_read_as_bincode_reads_them(value in args()) {
        let bytes = stored(&value, Codec::Bincode);
        let config = bincode::config::standard();
        let body = &bytes[HEADER_SIZE..];
        prop_assert_eq!(bincode::serde::encode_to_vec(&value, config).expect("plain data serializes"), body);
        let (theirs, used): (Args, usize) = bincode::serde::decode_from_slice(body, config).expect("just written");
        prop_assert_eq!(used, body.len());
        prop_assert_eq!(read_body::<Args>(body), Ok(theirs));
    }

    #[test]
    fn no_flipped_bit_is_read(value in args(), json: bool, at: prop::sample::Index, bit in 0_u8..8) {
        let codec = if json { Codec::Json } else { Codec::Bincode };
        let mut bytes = stored(&value, codec);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(decode::<Args>(&bytes, header::<Args>(codec), WHAT).is_err(), "bit {bit} of byte {at}");
    }

    #[test]
    fn no_cut_payload_is_read(value in args(), at: prop::sample::Index) {
        let bytes = stored(&value, Codec::Bincode);
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(decode::<Args>(cut, header::<Args>(Codec::Bincode), WHAT).is_err());
    }

    #[test]
    fn any_bytes_behind_a_right_checksum_are_a_value_or_an_error(body: Vec<u8>) {
        // Whatever comes, it ends: a panic inside would be an error that says so.
        for text in [read_body::<Args>(&body).err(), read_body::<Vec<Part>>(&body).err()].into_iter().flatten() {
            prop_assert!(!text.contains("panicked"), "{text}");
        }
        if let Ok(value) = read_body::<Args>(&body) {
            let again = stored(&value, Codec::Bincode);
            prop_assert!(again.len() - HEADER_SIZE <= body.len(), "more came out than went in");
        }
    }
}

#[test]
fn each_fault_has_its_own_text() {
    let good = encode(&7_u32, header::<u32>(Codec::Bincode), WHAT).expect("a number serializes");
    let change = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    let with_codec_9 = {
        let mut bytes = change(0, 9);
        let sum = checksum(&bytes[..SUM_AT], &bytes[HEADER_SIZE..]);
        bytes[SUM_AT..HEADER_SIZE].copy_from_slice(&sum.to_le_bytes());
        bytes
    };
    for (bytes, expected) in [
        (Vec::new(), "it has 0 bytes, fewer than its header of 16"),
        (good[..15].to_vec(), "it has 15 bytes, fewer than its header of 16"),
        (change(1, 2), "its format has the number 2"),
        (with_codec_9, "its codec has the number 9"),
        (change(HEADER_SIZE, 8), "its checksum is wrong"),
        (change(5, 0xaa), "its checksum is wrong"),
    ] {
        let error = decode::<u32>(&bytes, header::<u32>(Codec::Bincode), WHAT).expect_err(expected);
        let text = chain(&error);
        assert!(text.starts_with(&format!("{WHAT} cannot be deserialized: {expected}")), "{text}");
    }
}

#[test]
fn a_header_says_what_the_body_is() {
    for codec in [Codec::Bincode, Codec::Json] {
        let header = Header { codec, version: 513, fingerprint: 0x0102_0304_0506_0708 };
        let bytes = encode(&300_u32, header, WHAT).expect("a number serializes");
        assert_eq!(open(&bytes, WHAT).expect("just written").0, header);
        assert_eq!(bytes[..SUM_AT], [codec.code(), 1, 1, 2, 8, 7, 6, 5, 4, 3, 2, 1], "stored bytes are for ever");
    }
}

#[test]
fn without_its_layout_bincode_makes_another_value_of_it() {
    let bytes = encode(&300_u32, header::<u32>(Codec::Bincode), WHAT).expect("a number serializes");
    assert_eq!(read_body::<i64>(&bytes[HEADER_SIZE..]), Ok(150));
    assert_ne!(header::<u32>(Codec::Bincode), header::<i64>(Codec::Bincode), "so the header tells them apart");
}

#[test]
fn every_byte_is_used() {
    assert_eq!(
        read_body::<u8>(&[1, 2, 3]).expect_err("two too many"),
        format!("{WHAT} cannot be deserialized: 2 bytes are left over after the value")
    );
    let json = Header { codec: Codec::Json, version: 1, fingerprint: 0 };
    assert!(chain(&read::<u8>(json, b"1 2", WHAT).expect_err("a trailing 2")).contains("trailing characters"));
}

#[derive(Debug, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[test]
fn decode_bombs_are_refused() {
    // 253 announces eight bytes of length.
    let claims = |length: u64| [&[253][..], &length.to_le_bytes()].concat();
    for length in [u64::MAX, 1 << 40, 1 << 32, 900_000_000] {
        let bomb = claims(length);
        for (ty, error) in [
            ("String", read_body::<String>(&bomb).err()),
            ("Vec<u8>", read_body::<Vec<u8>>(&bomb).err()),
            ("Vec<[u64; 32]>", read_body::<Vec<[u64; 32]>>(&bomb).err()),
            ("Vec<()>", read_body::<Vec<()>>(&bomb).err()),
            ("HashMap", read_body::<HashMap<u64, String>>(&bomb).err()),
            ("HashMap<(), ()>", read_body::<HashMap<(), ()>>(&bomb).err()),
            ("Box<str>", read_body::<Box<str>>(&bomb).err()),
        ] {
            assert!(error.is_some(), "{ty} of {length}");
        }
    }
    let deep = read_body::<Chain>(&vec![1; 1 << 20]).expect_err("a million levels");
    assert!(deep.contains("nest more than 128 deep"), "{deep}");
    assert_eq!(read_body::<Vec<()>>(&[200]).map(|units| units.len()), Ok(200));
}

#[test]
fn what_json_alone_can_hold_is_refused_by_bincode_when_written() {
    #[derive(Serialize)]
    struct Outer {
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    }
    let header = |codec| Header { codec, version: 1, fingerprint: 0 };
    let value = Outer { rest: BTreeMap::from([("a".to_owned(), 1)]) };
    let error = chain(&encode(&value, header(Codec::Bincode), WHAT).expect_err("flattened"));
    assert!(error.contains("cannot be serialized") && error.contains("codec = \"json\""), "{error}");
    assert!(encode(&value, header(Codec::Json), WHAT).is_ok_and(|bytes| bytes.ends_with(br#"{"a":1}"#)));
}

#[test]
fn a_panic_of_the_type_is_an_error() {
    #[derive(Debug)]
    struct Touchy;
    impl<'de> Deserialize<'de> for Touchy {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let length = String::deserialize(deserializer)?.len();
            panic!("{length} is not my length")
        }
    }
    let error = read_body::<Touchy>(&[1, b'a']).expect_err("it panicked");
    assert!(error.ends_with("the type's `Deserialize` panicked: 1 is not my length"), "{error}");
}

#[test]
fn the_limit_counts_the_header() {
    assert!(check_size(&[0; 100], 100, WHAT).is_ok());
    let error = check_size(&[0; 101], 100, WHAT).expect_err("one too many");
    assert!(error.to_string().starts_with("the args of `probe` has 101 bytes, and the limit is 100"), "{error}");
}
