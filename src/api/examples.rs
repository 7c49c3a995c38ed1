//! Examples of the contract, made of the examples of its fields, and of the errors themselves.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi as Document, RefOr};

use crate::error::{AppError, FieldError};
use crate::i18n::Lang;
use crate::services::Denial;

/// An id, as it could be.
const ID: &str = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69";
/// How deep things may lie within each other.
const DEEPEST: usize = 12;

/// The schemas of a contract.
pub(super) struct Schemas(Value);

impl Schemas {
    /// Those of this one.
    pub(super) fn of(document: &Document) -> Self {
        let components = document.components.as_ref().and_then(|components| serde_json::to_value(components).ok());
        Self(components.map(|mut components| components["schemas"].take()).unwrap_or_default())
    }

    /// Gives an operation examples of its bodies, and of what is answered: of what it is for, and of each error.
    pub(super) fn illustrate(&self, operation: &mut Operation) {
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.content.values_mut().for_each(|content| self.fill(content));
        }
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            for (kind, content) in &mut response.content {
                match (kind.as_str(), content) {
                    ("application/problem+json", RefOr::T(content)) => content.example = problem(status),
                    ("application/json", content) => self.fill(content),
                    _ => {}
                }
            }
        }
    }

    fn fill(&self, content: &mut RefOr<Content>) {
        if let RefOr::T(content) = content
            && content.example.is_none()
            && let Some(schema) = content.schema.as_ref().and_then(|schema| serde_json::to_value(schema).ok())
        {
            content.example = Some(self.example(&schema, 0));
        }
    }

    /// A value that fits a schema.
    fn example(&self, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let given =
            [&schema["example"], &schema["examples"][0], &schema["default"], &schema["const"], &schema["enum"][0]];
        if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
            return given.clone();
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|address| address.rsplit('/').next()) {
            return self.example(&self.0[name], depth + 1);
        }
        if let Some(parts) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let one = parts.iter().find(|part| part["type"] != "null");
            return one.map_or(Value::Null, |one| self.example(one, depth + 1));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut all = Map::new();
            for part in parts {
                all.extend(self.example(part, depth + 1).as_object().cloned().unwrap_or_default());
            }
            all.extend(self.fields(schema, depth));
            return Value::Object(all);
        }
        match kind(schema) {
            "array" => json!([self.example(&schema["items"], depth + 1)]),
            "object" => Value::Object(self.fields(schema, depth)),
            "string" => text(schema),
            "integer" => json!(schema["minimum"].as_i64().unwrap_or(1)),
            "number" => json!(schema["minimum"].as_f64().unwrap_or(1.0)),
            "boolean" => json!(true),
            _ => Value::Null,
        }
    }

    fn fields(&self, schema: &Value, depth: usize) -> Map<String, Value> {
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(name, schema)| (name.clone(), self.example(schema, depth + 1))).collect()
    }
}

fn kind(schema: &Value) -> &str {
    let several = || schema["type"].as_array()?.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
    schema["type"].as_str().or_else(several).unwrap_or_default()
}

fn text(schema: &Value) -> Value {
    json!(match schema["format"].as_str() {
        Some("uuid") => ID,
        Some("date-time") => "2026-11-30T02:00:00Z",
        Some("date") => "2026-11-30",
        _ => "teks",
    })
}

/// What a client is told with this status.
fn problem(status: &str) -> Option<Value> {
    let error = match status {
        "401" => Denial::Unauthorized.into(),
        "403" => Denial::Forbidden.into(),
        "409" => AppError::Conflict,
        "410" => Denial::LinkOver.into(),
        "412" => Denial::Stale.into(),
        "422" => AppError::Invalid(vec![FieldError::parameter("limit", "error.parameter.limit")]),
        "428" => AppError::PreconditionRequired,
        "429" => Denial::TooMany(TimeDelta::minutes(1)).into(),
        other => AppError::of_status(StatusCode::from_bytes(other.as_bytes()).ok()?),
    };
    serde_json::to_value(error.problem(Lang::En, Some(ID.to_owned()))).ok()
}
