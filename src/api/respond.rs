//! Answers: single resources with an entity tag, pages of lists with a `Link` to the next.

use actix_web::http::header::{self, ETag, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::AppError;
use crate::face::{encoded, tag_of, tag_of_bytes};
use crate::i18n::Lang;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// What to give as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50")]
    pub next_cursor: Option<String>,
}

/// Asked for one more than `limit` rows, keeps `limit` and tells where the next page starts.
pub fn page<R, T>(mut rows: Vec<R>, limit: i64, cursor: impl Fn(&R) -> String, body: impl Fn(R) -> T) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = if more { rows.last().map(cursor) } else { None };
    Page { items: rows.into_iter().map(body).collect(), next_cursor }
}

impl<T: Serialize> Page<T> {
    /// The page as an answer, with the address of the next one in `Link`.
    pub fn answer(&self, request: &HttpRequest, lang: Lang) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_LANGUAGE, lang.code()))
            .insert_header((header::VARY, "Accept-Language"));
        if let Some(cursor) = &self.next_cursor {
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", next_address(request, cursor))));
        }
        response.json(self)
    }
}

/// The address of a request with another cursor: the next page.
pub(super) fn next_address(request: &HttpRequest, cursor: &str) -> String {
    let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let cursor = format!("cursor={}", encoded(cursor));
    let query: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    format!("{}?{}", request.path(), query.join("&"))
}

/// A single resource, or 304 when the client has it already.
///
/// # Errors
/// When the resource has no JSON form.
pub fn resource(request: &HttpRequest, lang: Lang, body: &impl Serialize) -> Result<HttpResponse, AppError> {
    let json = serde_json::to_vec(body).map_err(AppError::internal)?;
    Ok(tagged(request, lang, "application/json", json))
}

/// A single resource of the caller's, with its version for `If-Match`. Nobody else may keep it.
pub fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ETag(EntityTag::new_strong(version.to_string())))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

/// A single resource of the caller's that has no version, with a tag of what of it is changed as a whole, for `If-Match`.
/// Nobody else may keep it.
///
/// # Errors
/// When the resource has no JSON form.
pub fn seen_as(changed: &impl Serialize, body: &impl Serialize) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::Ok()
        .insert_header(ETag(EntityTag::new_strong(tag_of(changed)?)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

/// Bytes with an entity tag made from them, or 304 when the client has them already.
pub fn tagged(request: &HttpRequest, lang: Lang, kind: &'static str, bytes: Vec<u8>) -> HttpResponse {
    // Weak, since the same JSON may travel compressed.
    let tag = EntityTag::new_weak(tag_of_bytes(&bytes));
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language"));
    if known { response.finish() } else { response.content_type(kind).body(bytes) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_full_page_tells_where_the_next_starts() {
        let first = page(vec![1, 2, 3], 2, ToString::to_string, |row| row);
        assert_eq!((first.items, first.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        let last = page(vec![3], 2, ToString::to_string, |row| row);
        assert_eq!((last.items, last.next_cursor), (vec![3], None));
    }

    #[test]
    fn the_next_address_keeps_filters_and_escapes_the_cursor() {
        let request = TestRequest::with_uri("/api/v1/coaches?limit=2&cursor=A&province=91").to_http_request();
        assert_eq!(next_address(&request, "K 1&é"), "/api/v1/coaches?limit=2&province=91&cursor=K%201%26%C3%A9");
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let ask = |tag: &str| {
            let request = TestRequest::default().insert_header(("If-None-Match", tag)).to_http_request();
            tagged(&request, Lang::Id, "application/json", b"{}".to_vec())
        };
        let tag = ask("\"other\"").headers().get("etag").unwrap().to_str().unwrap().to_owned();
        assert_eq!(ask("\"other\"").status(), 200);
        assert_eq!(ask(&tag).status(), 304);
        assert_eq!(ask(&format!("\"a\", {tag}")).status(), 304);
        assert_eq!(ask("*").status(), 304);
        let plain = TestRequest::default().to_http_request();
        assert_eq!(tagged(&plain, Lang::Id, "application/json", Vec::new()).status(), 200);
    }
}
