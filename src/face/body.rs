//! Bodies of requests: JSON of a known shape, not large, not slow. What is wrong with one is told
//! by where it stands.

use std::marker::PhantomData;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{AppError, FieldError};

/// The largest body, in bytes. Files have limits of their own.
const MAX_BODY: usize = 64 * 1024;

/// How long a body may take.
#[derive(Debug, Clone, Copy)]
pub struct BodyTime(pub Duration);

impl Default for BodyTime {
    fn default() -> Self {
        Self(Duration::from_secs(10))
    }
}

/// The bytes of a body that is not large and not slow.
pub(super) async fn collect(mut payload: Payload, time: BodyTime) -> Result<Vec<u8>, AppError> {
    let collected = actix_web::rt::time::timeout(time.0, async {
        let mut bytes = Vec::new();
        while let Some(chunk) = payload.next().await {
            bytes.extend_from_slice(&chunk.map_err(|_| AppError::BadRequest)?);
            if bytes.len() > MAX_BODY {
                return Err(AppError::TooLarge);
            }
        }
        Ok(bytes)
    });
    collected.await.map_err(|_| AppError::TooSlow)?
}

/// The body of a request, to be read as a `T`.
pub struct Body<T> {
    bytes: Vec<u8>,
    is_json: bool,
    shape: PhantomData<T>,
}

impl<T> FromRequest for Body<T> {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = says_json(request.headers());
        let time = request.app_data::<web::Data<BodyTime>>().map_or(BodyTime::default(), |time| ***time);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = collect(payload, time).await?;
            Ok(Self { bytes, is_json, shape: PhantomData })
        })
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

impl<T: DeserializeOwned> Body<T> {
    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`AppError::UnsupportedMediaType`] when it does not say that it is JSON, [`AppError::BadRequest`] when
    /// it is none, [`AppError::Invalid`] when it has another shape.
    pub fn read(&self) -> Result<T, AppError> {
        if !self.is_json {
            return Err(AppError::UnsupportedMediaType);
        }
        let mut json = serde_json::Deserializer::from_slice(&self.bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| explain(&error))?;
        json.end().map_err(|_| AppError::BadRequest)?;
        refuse_nul(&self.bytes)?;
        Ok(value)
    }
}

impl<T: DeserializeOwned + Default> Body<T> {
    /// Reads a body that may be left out.
    ///
    /// # Errors
    /// As [`Body::read`] where there is one.
    pub fn read_if_any(&self) -> Result<T, AppError> {
        if self.bytes.is_empty() { Ok(T::default()) } else { self.read() }
    }
}

/// Refuses a text with a NUL in it, which PostgreSQL cannot keep. JSON has one way to write it.
fn refuse_nul(json: &[u8]) -> Result<(), AppError> {
    const NUL: &[u8] = b"\\u0000";
    if !json.windows(NUL.len()).any(|part| part == NUL) {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(json).map_err(|_| AppError::BadRequest)?;
    match place_of_nul(&value) {
        Some(place) => Err(AppError::Invalid(vec![FieldError::body(place, "error.field.nul")])),
        None => Ok(()),
    }
}

fn place_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| place_of_nul(item).map(|rest| format!("/{at}{rest}")))
        }
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| place_of_nul(value).map(|rest| format!("/{}{rest}", escaped(name))))
        }
        _ => None,
    }
}

/// The name of a field as a segment of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Where a body is not of its shape. The names of fields that are missing or unknown stand in the words of
/// the library.
fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> AppError {
    use serde_json::error::Category;
    if !matches!(error.inner().classify(), Category::Data) {
        return AppError::BadRequest;
    }
    let words = error.inner().to_string();
    let named = |start: &str| words.strip_prefix(start)?.split('`').next().map(str::to_owned);
    let mut pointer = String::new();
    for segment in error.path().iter() {
        use serde_path_to_error::Segment;
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let field = if let Some(name) = named("missing field `") {
        FieldError::body(format!("{pointer}/{name}"), "error.field.missing")
    } else if let Some(name) = named("duplicate field `") {
        FieldError::body(format!("{pointer}/{name}"), "error.field.shape")
    } else if named("unknown field `").is_some() {
        FieldError::body(pointer, "error.field.unknown")
    } else {
        FieldError::body(pointer, "error.field.shape")
    };
    AppError::Invalid(vec![FieldError { place: field.place.chars().take(200).collect(), ..field }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Shape {
        name: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        numbers: Vec<u8>,
    }

    fn read(text: &str) -> Result<Shape, AppError> {
        Body { bytes: text.as_bytes().to_vec(), is_json: true, shape: PhantomData }.read()
    }

    fn fault(text: &str) -> (String, &'static str) {
        match read(text) {
            Err(AppError::Invalid(mut fields)) => fields.pop().map(|field| (field.place, field.expected)).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_where_it_stands() {
        assert!(read(r#"{"name":"x","inner":{"numbers":[1]}}"#).is_ok());
        assert_eq!(fault("{}"), ("/name".into(), "error.field.missing"));
        assert_eq!(fault(r#"{"name":7}"#), ("/name".into(), "error.field.shape"));
        assert_eq!(fault(r#"{"name":"x","role":"admin"}"#), ("/role".into(), "error.field.unknown"));
        assert_eq!(
            fault(r#"{"name":"x","inner":{"numbers":[1,300]}}"#),
            ("/inner/numbers/1".into(), "error.field.shape")
        );
        assert_eq!(fault(r#"{"name":"x","inner":{}}"#), ("/inner/numbers".into(), "error.field.missing"));
        assert_eq!(fault("[]"), (String::new(), "error.field.shape"));
        assert_eq!(fault(r#"{"name":"x","name":"y"}"#), ("/name".into(), "error.field.shape"));
        assert_eq!(fault(r#"{"name":"a\u0000"}"#), ("/name".into(), "error.field.nul"));
        assert!(read(r#"{"name":"a\\u0000"}"#).is_ok(), "a backslash and digits");
        for nonsense in ["", "{", "{\"name\":\"x\"} x"] {
            assert!(matches!(read(nonsense), Err(AppError::BadRequest)), "{nonsense}");
        }
        assert!(read(&format!("{{\"inner\":{}", "[".repeat(10_000))).is_err(), "deep, and no harm done");
    }
}
