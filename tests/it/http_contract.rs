//! The contract against the running server: every path is served, and answers have the shapes
//! that the contract says, with nothing missing and nothing undocumented.

use serde_json::Value;

use crate::support::TestDb;
use crate::support::site::{Site, coachee_code, fill};

/// What is wrong with a value under a schema, with the place where.
fn faults(contract: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let schema = resolved(contract, schema);
    if let Some(parts) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        let fits = parts.iter().any(|part| faults(contract, part, value, place).is_empty());
        return if fits { Vec::new() } else { vec![format!("{place}: fits none of its shapes")] };
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let fits = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    };
    if !kinds.is_empty() && !kinds.into_iter().any(fits) && schema.get("allOf").is_none() {
        return vec![format!("{place}: {value} is no {}", schema["type"])];
    }
    match value {
        Value::Object(fields) => object_faults(contract, schema, fields, place),
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.flat_map(|(at, item)| faults(contract, &schema["items"], item, &format!("{place}[{at}]"))).collect()
        }
        _ => Vec::new(),
    }
}

fn object_faults(
    contract: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    place: &str,
) -> Vec<String> {
    let (mut known, mut required) = (serde_json::Map::new(), Vec::new());
    collect(contract, schema, &mut known, &mut required);
    if known.is_empty() {
        return Vec::new();
    }
    let missing = required.iter().filter(|name| !fields.contains_key(*name)).map(|name| format!("{place}: no {name}"));
    let inner = fields.iter().flat_map(|(name, value)| match known.get(name) {
        Some(schema) => faults(contract, schema, value, &format!("{place}.{name}")),
        None => vec![format!("{place}.{name} is not documented")],
    });
    missing.chain(inner).collect()
}

/// Fields of an object, those of its `allOf` parts included.
fn collect(contract: &Value, schema: &Value, known: &mut serde_json::Map<String, Value>, required: &mut Vec<String>) {
    let schema = resolved(contract, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(contract, part, known, required);
    }
    known.extend(schema["properties"].as_object().cloned().unwrap_or_default());
    required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
}

fn resolved<'a>(contract: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(address) => contract.pointer(&address[1..]).expect("a schema that is there"),
        None => schema,
    }
}

#[test]
fn answers_are_as_the_contract_says() {
    let db = TestDb::sqlite();
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let contract = site.get("/api/v1/openapi.json").json();
    assert!(contract["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let paths = contract["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 11, "{:?}", paths.keys());
    for (path, item) in paths {
        let operation = &item["get"];
        assert!(operation["summary"].as_str().or(operation["description"].as_str()).is_some(), "{path} has no words");
        let address =
            path.replace("{id}", &run.to_string()).replace("{coachee}", &coachee_code(1)).replace("{code}", "K%20001");
        let ask = |address: &str, status: &str| {
            let answer = site.get(address);
            assert_eq!(answer.status.to_string(), status, "{address}: {}", answer.body);
            let content = operation["responses"][status]["content"].as_object().expect("a documented answer");
            let (kind, body) = content.iter().next().expect("a content type");
            assert!(answer.header("content-type").starts_with(kind.as_str()), "{address}");
            let faults = faults(&contract, &body["schema"], &answer.json(), "");
            assert!(faults.is_empty(), "{address}: {faults:?}");
        };
        ask(&address, "200");
        if operation["responses"].get("404").is_some() {
            ask(&path.replace("{id}", "none").replace("{code}", "none").replace("{coachee}", "none"), "404");
        }
        if operation["responses"].get("422").is_some() {
            ask(&format!("{address}?limit=0"), "422");
        }
    }
}

#[test]
fn every_list_and_resource_says_how_it_fails() {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    for (path, item) in contract["paths"].as_object().expect("paths") {
        let responses = item["get"]["responses"].as_object().expect("responses");
        assert!(path == "/healthz" || responses.contains_key("503"), "{path}");
        assert_eq!(responses.contains_key("404"), path.contains('{'), "{path}");
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let limited = parameters.iter().any(|parameter| parameter["name"] == "limit");
        assert_eq!(responses.contains_key("422"), limited, "{path}");
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let contract = serde_json::json!({ "schema": {
        "type": "object", "required": ["a"],
        "properties": { "a": { "type": "integer" }, "b": { "type": ["string", "null"] } }
    }});
    let check = |value: Value| faults(&contract, &serde_json::json!({ "$ref": "#/schema" }), &value, "").len();
    assert_eq!(check(serde_json::json!({ "a": 1, "b": null })), 0);
    assert_eq!(check(serde_json::json!({ "b": 2, "c": 3 })), 3);
}
