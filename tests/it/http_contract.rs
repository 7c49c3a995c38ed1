//! The contract against the running server: every path is served, and answers have the shapes
//! that the contract says, with nothing missing and nothing undocumented.

use std::collections::BTreeSet;

use coachnet::domain::Role;
use serde_json::{Value, json};

use crate::matrix::{ROWS, call};
use crate::support::TestDb;
use crate::support::programme::Programme;
use crate::support::site::{Answer, Site, coachee_code, fill};
use crate::support::world::{PASSWORD, World};

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

/// Fails when an answer has a header that programs go by, and the contract does not name it.
fn named_headers(response: &Value, answer: &Answer, place: &str) {
    for header in ["ETag", "Location", "Link", "Retry-After", "WWW-Authenticate", "X-Request-Id", "Content-Disposition"]
    {
        let sent = !answer.header(&header.to_ascii_lowercase()).is_empty();
        assert!(!sent || response["headers"][header].is_object(), "{place}: {header} is not documented");
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
    let open = |operation: &Value| {
        let scopes = &operation["security"][0]["bearer"];
        let scopes = scopes.to_string();
        !scopes.contains("agency_admin") || scopes.contains("auditor")
    };
    // What can be read without signing in where results are open.
    let read = paths.iter().filter(|(path, item)| item.get("get").is_some_and(open) && !path.starts_with("/api/v1/me"));
    // A calendar is read at its secret address alone, and is no JSON.
    let read = read.filter(|(path, _)| !path.starts_with("/calendar/") && site.get(path).status != 401);
    let mut asked = 0;
    for (path, item) in read {
        asked += 1;
        let operation = &item["get"];
        assert!(operation["summary"].as_str().or(operation["description"].as_str()).is_some(), "{path} has no words");
        let address = path
            .replace("{id}", &run.to_string())
            .replace("{other}", &run.to_string())
            .replace("{coachee}", &coachee_code(1))
            .replace("{code}", "K%20001");
        let ask = |address: &str, status: &str| {
            let answer = site.get(address);
            assert_eq!(answer.status.to_string(), status, "{address}: {}", answer.body);
            named_headers(&operation["responses"][status], &answer, address);
            let content = operation["responses"][status]["content"].as_object().expect("a documented answer");
            let (kind, body) = content.iter().next().expect("a content type");
            assert!(answer.header("content-type").starts_with(kind.as_str()), "{address}");
            let faults = faults(&contract, &body["schema"], &answer.json(), "");
            assert!(faults.is_empty(), "{address}: {faults:?}");
        };
        ask(&address, "200");
        if operation["responses"].get("404").is_some() {
            ask(
                &path
                    .replace("{id}", "none")
                    .replace("{other}", "none")
                    .replace("{code}", "none")
                    .replace("{coachee}", "none"),
                "404",
            );
        }
        if operation["responses"].get("422").is_some() {
            ask(&format!("{address}?limit=0"), "422");
        }
    }
    assert!(asked >= 12, "{asked}");
}

#[test]
fn answers_about_accounts_are_as_the_contract_says() {
    let db = TestDb::sqlite();
    let world = World::new(&db);
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let check = |method: &str, path: &str, answer: &Answer| {
        let status = answer.status.to_string();
        let response = &contract["paths"][format!("/api/v1{path}")][method]["responses"][&status];
        assert!(response.is_object(), "{method} {path} {status} is not documented: {}", answer.body);
        named_headers(response, answer, &format!("{method} {path} {status}"));
        let Some((kind, content)) = response["content"].as_object().and_then(|content| content.iter().next()) else {
            return;
        };
        assert!(answer.header("content-type").starts_with(kind.as_str()), "{method} {path} {status}");
        let faults = faults(&contract, &content["schema"], &answer.json(), "");
        assert!(faults.is_empty(), "{method} {path} {status}: {faults:?}");
    };
    let visitor = world.stranger("203.0.113.1");
    world.account("budi@contoh.test", Role::Coachee);
    let signed_in = visitor.signs_in("budi@contoh.test", PASSWORD);
    check("post", "/sign_ins", &signed_in);
    check("post", "/sign_ins", &visitor.signs_in("budi@contoh.test", "wrong"));
    let refresh = json!({ "refresh_token": signed_in.json()["refresh_token"] });
    check("post", "/sign_ins/refresh", &visitor.post("/sign_ins/refresh", &refresh));
    check("get", "/me", &admin.get("/me"));
    check("get", "/me", &visitor.get("/me"));
    check("get", "/me/devices", &admin.get("/me/devices"));
    check("patch", "/me", &admin.patch("/me", &json!({})));
    check("patch", "/me", &admin.clone().with("if-match", "\"9\"").patch("/me", &json!({})));
    check("post", "/me/totp", &admin.post("/me/totp", &json!({ "password": PASSWORD })));
    let wish = json!({ "email": "a@b.id", "name": "Ani", "language": "id", "role": "auditor" });
    check("post", "/invitations", &admin.post("/invitations", &wish));
    check("post", "/invitations", &admin.post("/invitations", &json!({})));
    check("get", "/invitations", &admin.get("/invitations"));
    check("post", "/password-resets", &visitor.post("/password-resets", &json!({ "email": "a@b.id" })));
    let confirm = json!({ "token": "x", "password": PASSWORD });
    check("post", "/password-resets/confirm", &visitor.post("/password-resets/confirm", &confirm));
    check("get", "/coach-applications", &admin.get("/coach-applications"));
    check("delete", "/sign_ins/current", &admin.delete("/sign_ins/current"));
}

#[test]
fn figures_are_as_the_contract_says() {
    let db = TestDb::sqlite();
    fill(&db.store);
    let world = World::new(&db);
    let programme = Programme::beside(&world.store, 2, 1, 1);
    programme.pair(0, 0);
    world.hands.turn(chrono::TimeDelta::days(30));
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    for question in ["funnel", "stuck", "coaches", "demand", "recruiting", "times", "declines", "cross-agency", "gaps"]
    {
        let path = format!("/monitoring/{question}");
        let schema = &contract["paths"][format!("/api/v1{path}")]["get"]["responses"]["200"]["content"];
        let answer = admin.get(&path);
        let faults = faults(&contract, &schema["application/json"]["schema"], &answer.json(), "");
        assert!(answer.status == 200 && faults.is_empty(), "{path}: {faults:?} in {}", answer.body);
    }
}

#[test]
fn every_list_and_resource_says_how_it_fails() {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            let has = |status: &str| responses.contains_key(status);
            assert!(operation["summary"].is_string() || operation["description"].is_string(), "{method} {path}");
            assert!(path == "/healthz" || has("503"), "{method} {path}");
            // Whoever asks whether a certificate is genuine is answered, whatever they typed.
            let counts_once = parameters_of(operation).iter().any(|parameter| parameter["name"] == "Idempotency-Key");
            let answers_all = path == "/api/v1/certificates/check/{code}";
            assert!(!path.contains('{') || has("404") || answers_all, "{method} {path}");
            let parameters = parameters_of(operation);
            let asks = parameters.iter().any(|parameter| parameter["in"] == "query");
            let takes_body = operation["requestBody"].is_object();
            assert_eq!(has("422"), asks || takes_body || counts_once, "{method} {path}");
            assert_eq!((has("413"), has("415")), (takes_body, takes_body), "{method} {path}");
            let bearer = &operation["security"][0]["bearer"];
            assert!(!bearer.is_array() || has("401"), "{method} {path}");
            let for_roles = bearer.as_array().is_some_and(|roles| !roles.is_empty());
            let tags = operation["tags"].as_array().expect("tags");
            const OWNED: [&str; 7] =
                ["requests", "offers", "pairings", "availability", "coachees", "coaching sessions", "work of a pair"];
            let owned = tags.iter().any(|tag| OWNED.contains(&tag.as_str().unwrap()));
            assert_eq!(has("403"), for_roles || owned, "{method} {path}");
            // Certificates are looked up by anybody, not too often.
            assert_eq!(has("429"), method != "get" || answers_all, "{method} {path}");
        }
    }
}

fn parameters_of(operation: &Value) -> Vec<Value> {
    operation["parameters"].as_array().cloned().unwrap_or_default()
}

#[test]
fn every_body_and_every_answer_has_an_example_that_fits() {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let mut seen = 0;
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let answers = operation["responses"].as_object().expect("responses");
            let asked = ("request", &operation["requestBody"]);
            for (of, part) in answers.iter().map(|(status, answer)| (status.as_str(), answer)).chain([asked]) {
                for (kind, content) in part["content"].as_object().into_iter().flatten() {
                    if !kind.ends_with("json") {
                        continue;
                    }
                    seen += 1;
                    let example = &content["example"];
                    assert!(!example.is_null(), "{method} {path} {of}: no example");
                    let faults = faults(&contract, &content["schema"], example, "");
                    assert!(faults.is_empty(), "{method} {path} {of}: {faults:?}");
                    if kind == "application/problem+json" {
                        assert_eq!(example["status"].to_string(), of, "{method} {path}");
                    }
                }
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn headers_that_are_always_sent_are_named() {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for (status, answer) in operation["responses"].as_object().expect("responses") {
                let named = |header: &str| answer["headers"][header]["schema"].is_object();
                assert!(named("X-Request-Id"), "{method} {path} {status}");
                assert_eq!(named("Retry-After"), ["429", "503"].contains(&status.as_str()), "{method} {path} {status}");
                assert_eq!(named("WWW-Authenticate"), status == "401", "{method} {path} {status}");
                assert!(status != "304" || named("ETag"), "{method} {path}");
            }
        }
    }
}

/// A header that is wrong is refused by routes that take it, and is nothing to others.
fn refused(header: (&str, &str), is_refused: impl Fn(&Answer) -> bool) -> BTreeSet<(String, String)> {
    let db = TestDb::sqlite();
    let world = World::new(&db);
    let person = |code: &str| Some(world.person(code));
    let callers = [
        world.account_of("coachee@contoh.test", &[(Role::Coachee, None)], person("P-1")),
        world.account_of("coach@contoh.test", &[(Role::Coach, None)], person("C-1")),
        world.account("admin@contoh.test", Role::NationalAdmin),
    ];
    let changes = ROWS.iter().filter(|(method, path, _)| *method != "GET" && path.starts_with("/api"));
    let tried = changes.filter(|(method, path, row)| {
        // The columns of a coachee, a coach and an admin of all.
        let at = [1, 2, 4].iter().position(|column| row.as_bytes()[*column] == b'+').expect("somebody may");
        is_refused(&call(&world, &world.visitor(callers[at], true).with(header.0, header.1), method, path))
    });
    tried.map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect()
}

/// The changes whose contract names a header.
fn naming(header: &str) -> BTreeSet<(String, String)> {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let names = |method: &str, path: &str| {
        let parameters = parameters_of(&contract["paths"][path][method.to_lowercase()]);
        parameters.iter().any(|parameter| parameter["name"] == header)
    };
    let changes = ROWS.iter().filter(|(method, path, _)| *method != "GET" && names(method, path));
    changes.map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect()
}

#[test]
fn keys_are_named_where_they_are_taken() {
    let key = "x".repeat(256);
    let taken =
        refused(("idempotency-key", &key), |answer| answer.status == 422 && answer.body.contains("Idempotency-Key"));
    assert_eq!(taken, naming("Idempotency-Key"));
}

/// `*` names no version: refused where a version may be named, and asked for where one must be.
#[test]
fn versions_are_named_where_they_are_taken() {
    let taken = refused(("if-match", "*"), |answer| [412, 428].contains(&answer.status));
    assert_eq!(taken, naming("If-Match"));
    let needed = refused(("if-match", "*"), |answer| answer.status == 428);
    let needed: Vec<String> = needed.into_iter().map(|(method, path)| format!("{method} {path}")).collect();
    assert_eq!(needed, ["PATCH /api/v1/cohorts/{code}", "PATCH /api/v1/me"]);
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
