//! What is redacted, and what an edit puts back.

use serde_json::json;

use super::*;

fn covered(args: Value) -> Value {
    Redaction::default().covered(args)
}

/// What is stored after an edit, by what was shown.
fn edited(stored: &Value, edit: impl FnOnce(&mut Value)) -> Result<Value, Lost> {
    let names = Redaction::default();
    let cover = Cover { names: &names, secret: &["pin"] };
    let mut args = cover.covered(stored.clone());
    edit(&mut args);
    cover.restore(&mut args, Some(stored))?;
    Ok(args)
}

#[test]
fn names_that_say_so_are_redacted_however_they_are_written() {
    let redaction = Redaction::default();
    let hidden = [
        "password",
        "PASSWORD",
        "Passwd",
        "secret",
        "token",
        "authorization",
        "Authorization",
        "AUTHORİZATİON",
        "api_key",
        "apikey",
        "apiKey",
        "API-KEY",
        "private_key",
        "privateKey",
        "Private-Key",
        "credential",
        "credentials",
        "user_password",
        "accessToken",
        "X-Api-Key",
        "client.secret",
        "oauth2Token",
        "--token",
        "db2_password",
        "DBPassword",
        "APIKey",
        "HTTPAuthorization",
    ];
    for name in hidden {
        assert!(redaction.hides(name), "{name}");
    }
    let shown = [
        "",
        "-",
        "_",
        "user",
        "token_count",
        "tokens",
        "passwords_changed",
        "secretary",
        "authorizations",
        "key",
        "api",
        "apikeys",
        "password_hint_shown",
        "keyboard",
        "stoken",
        "parola",
        "şifre",
    ];
    for name in shown {
        assert!(!redaction.hides(name), "{name}");
    }
}

#[test]
fn the_list_can_be_widened_narrowed_and_switched_off() {
    let redaction = Redaction::default().also("IBAN").also("-").except("page-token");
    for (name, expected) in
        [("iban", true), ("their_iban", true), ("pageToken", false), ("token", true), ("name", false)]
    {
        assert_eq!(redaction.hides(name), expected, "{name}");
    }
    let off = Redaction::declared_only();
    assert!(Redaction::NAMES.into_iter().all(|name| !off.hides(name) && Redaction::default().hides(name)));
    let args = json!({ "pin": 7, "token": "t" });
    assert_eq!(Cover { names: &off, secret: &["pin"] }.covered(args), json!({ "pin": "[redacted]", "token": "t" }));
}

#[test]
fn values_are_redacted_at_any_depth() {
    let args = json!({
        "user": { "name": "Ada", "Password": { "hash": "x" } },
        "mailboxes": [{ "host": "a", "credentials": ["u", "p"] }, [{ "api-key": null }], "token"],
        "token": 7,
    });
    let expected = json!({
        "user": { "name": "Ada", "Password": "[redacted]" },
        "mailboxes": [{ "host": "a", "credentials": "[redacted]" }, [{ "api-key": "[redacted]" }], "token"],
        "token": "[redacted]",
    });
    assert_eq!(covered(args), expected);
    for plain in [json!(null), json!("token"), json!([1, "secret"]), json!({})] {
        assert_eq!(covered(plain.clone()), plain);
    }
}

#[test]
fn a_declared_parameter_is_secret_at_the_top_only() {
    let cover = Cover { names: &Redaction::default(), secret: &["pin", "absent"] };
    let args = json!({ "pin": { "value": 7 }, "door": { "pin": 8 } });
    assert_eq!(cover.covered(args), json!({ "pin": "[redacted]", "door": { "pin": 8 } }));
}

#[test]
fn facts_are_redacted_by_their_names() {
    let facts =
        [("tenant", "7"), ("Authorization", "Bearer x")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let covered = Redaction::default().covered_facts(&facts.into());
    assert_eq!((covered["tenant"].as_str(), covered["Authorization"].as_str()), ("7", REDACTED));
}

#[test]
fn an_edit_keeps_what_was_left_redacted() {
    let stored = json!({
        "pin": { "value": 7 },
        "name": "Ada",
        "boxes": [{ "host": "a", "token": "A" }, { "host": "b", "token": "B", "deep": [{ "secret": 1 }] }],
    });
    assert_eq!(edited(&stored, |_| {}), Ok(stored.clone()));
    let mut expected = stored.clone();
    expected["name"] = json!("Eve");
    expected["boxes"][0]["host"] = json!("c");
    expected["boxes"][1]["token"] = json!("N3w");
    let edit = |args: &mut Value| {
        args["name"] = json!("Eve");
        args["boxes"][0]["host"] = json!("c");
        args["boxes"][1]["token"] = json!("N3w");
    };
    assert_eq!(edited(&stored, edit), Ok(expected));
}

#[test]
fn items_of_a_list_keep_their_own_secrets() {
    let item = |host: &str, token: &str| json!({ "host": host, "token": token });
    let stored = json!({ "boxes": [item("a", "A"), item("b", "B"), item("c", "C")] });
    let after = |edit: fn(&mut Vec<Value>)| {
        edited(&stored, |args| edit(args["boxes"].as_array_mut().expect("a list"))).map(|args| args["boxes"].clone())
    };
    assert_eq!(after(|boxes| drop(boxes.remove(0))), Ok(json!([item("b", "B"), item("c", "C")])));
    assert_eq!(after(|boxes| boxes.swap(0, 2)), Ok(json!([item("c", "C"), item("b", "B"), item("a", "A")])));
    let added = after(|boxes| boxes.insert(0, json!({ "host": "d", "token": "D" })));
    assert_eq!(added, Ok(json!([item("d", "D"), item("a", "A"), item("b", "B"), item("c", "C")])));
    // Whose secret is meant cannot be told.
    let moved_and_changed = after(|boxes| {
        boxes.swap(0, 1);
        boxes[0]["host"] = json!("x");
    });
    assert_eq!(moved_and_changed, Err(Lost("boxes[0]".into())));
    let removed_and_changed = after(|boxes| {
        boxes.remove(0);
        boxes[0]["host"] = json!("x");
    });
    assert_eq!(removed_and_changed, Err(Lost("boxes[0]".into())));
    let new_without = after(|boxes| boxes.push(json!({ "host": "d", "token": REDACTED })));
    assert_eq!(new_without, Err(Lost("boxes[3]".into())));

    let twins = json!({ "boxes": [item("a", "A"), item("a", "B")] });
    assert_eq!(edited(&twins, |_| {}), Ok(twins.clone()));
    let one_of_two = edited(&twins, |args| drop(args["boxes"].as_array_mut().expect("a list").pop()));
    assert_eq!(one_of_two, Err(Lost("boxes[0]".into())));
}

#[test]
fn a_secret_whose_place_is_new_must_be_written() {
    let stored = json!({ "user": { "token": "t" } });
    let renamed = edited(&stored, |args| {
        let user = args.as_object_mut().expect("fields").remove("user").expect("a user");
        args["admin"] = user;
    });
    assert_eq!(renamed, Err(Lost("admin.token".into())));
    let cover = Cover { names: &Redaction::default(), secret: &[] };
    assert_eq!(cover.restore(&mut json!({ "token": REDACTED }), None), Err(Lost("token".into())));
    let mut plain = json!({ "note": REDACTED });
    assert_eq!((cover.restore(&mut plain, None), plain), (Ok(()), json!({ "note": REDACTED })));
}
