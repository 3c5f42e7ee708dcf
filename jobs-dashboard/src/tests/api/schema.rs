//! Whether an answer is what its schema says: strict, so that a field which the document does not name is a fault, and so is a word of a
//! schema that is not known here.

use serde_json::{Map, Value};

/// Says what does not fit, and where.
pub(super) fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = schema.as_object().ok_or_else(|| format!("{at}: the schema is no object"))?;
    const KNOWN: [&str; 16] = [
        "$ref",
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "oneOf",
        "allOf",
        "additionalProperties",
        "minimum",
        "maximum",
        "format",
        "description",
        "propertyNames",
        "example",
        "title",
    ];
    if let Some(word) = schema.keys().find(|word| !KNOWN.contains(&word.as_str())) {
        return Err(format!("{at}: `{word}` is not known to this check"));
    }
    if let Some(target) = schema.get("$ref") {
        let name = target.as_str().and_then(|text| text.strip_prefix("#/components/schemas/"));
        let target = name.and_then(|name| document["components"]["schemas"].get(name));
        return check(document, target.ok_or_else(|| format!("{at}: {schema:?} leads nowhere"))?, value, at);
    }
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let fitting = choices.iter().filter(|choice| check(document, choice, value, at).is_ok()).count();
        return if fitting == 1 {
            Ok(())
        } else {
            Err(format!("{at}: {fitting} of {} schemas fit {value}", choices.len()))
        };
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is none of {words:?}"));
    }
    if let Some(types) = schema.get("type") {
        let is = |name: &Value| is_of(name.as_str().unwrap_or_default(), value);
        let fits = types.as_array().map_or_else(|| is(types), |types| types.iter().any(is));
        if !fits {
            return Err(format!("{at}: {value} is not of type {types}"));
        }
    }
    for (word, fits) in [("minimum", false), ("maximum", true)] {
        if let (Some(bound), Some(number)) = (schema.get(word).and_then(Value::as_f64), value.as_f64())
            && ((number > bound) == fits && number != bound)
        {
            return Err(format!("{at}: {number} is beyond the {word} {bound}"));
        }
    }
    if schema.get("format").is_some_and(|format| format == "date-time")
        && value.as_str().is_some_and(|text| !text.ends_with('Z') || text.parse::<jiff::Timestamp>().is_err())
    {
        return Err(format!("{at}: {value} is no time in UTC"));
    }
    match value {
        Value::Object(fields) => object(document, schema, fields, at),
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return Ok(()) };
            items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| check(document, schema, item, &format!("{at}[{index}]")))
        }
        _ => Ok(()),
    }
}

fn object(document: &Value, schema: &Map<String, Value>, fields: &Map<String, Value>, at: &str) -> Result<(), String> {
    let known = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !name.as_str().is_some_and(|name| fields.contains_key(name)) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in fields {
        let here = format!("{at}.{name}");
        match (known.and_then(|known| known.get(name)), others) {
            (None, Some(Value::Bool(false))) => return Err(format!("{here}: there is no such field")),
            (Some(schema), _) | (None, Some(schema)) => check(document, schema, value, &here)?,
            // A schema that says nothing of fields takes any.
            (None, None) if known.is_none() => {}
            (None, None) => return Err(format!("{here}: the schema does not name it")),
        }
    }
    Ok(())
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_found() {
        let document = json!({ "components": { "schemas": { "Word": { "type": "string", "enum": ["a", "b"] } } } });
        let schema = json!({
            "type": "object", "required": ["word"],
            "properties": {
                "word": { "$ref": "#/components/schemas/Word" },
                "at": { "type": ["string", "null"], "format": "date-time" },
                "many": { "type": "array", "items": { "type": "integer", "minimum": 0 } },
                "either": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Word" }] },
            },
        });
        let fits = |value: Value| check(&document, &schema, &value, "");
        assert_eq!(fits(json!({ "word": "a", "at": null, "many": [1], "either": null })), Ok(()));
        assert_eq!(fits(json!({ "word": "b", "at": "2026-11-23T04:30:00Z", "many": [], "either": "a" })), Ok(()));
        for value in [
            json!({}),
            json!([]),
            json!({ "word": "c" }),
            json!({ "word": "a", "more": 1 }),
            json!({ "word": "a", "at": "soon" }),
            json!({ "word": "a", "at": "2026-11-23T04:30:00+03:00" }),
            json!({ "word": "a", "many": [-1] }),
            json!({ "word": "a", "many": [1.5] }),
            json!({ "word": "a", "either": 7 }),
        ] {
            assert!(fits(value.clone()).is_err(), "{value}");
        }
        assert!(check(&document, &json!({ "nonsense": 1 }), &json!(1), "").is_err());
        assert!(check(&document, &json!({ "$ref": "#/components/schemas/Nothing" }), &json!(1), "").is_err());
    }
}
