//! What pages load: one stylesheet and one icon, both inside the program.

use actix_web::HttpResponse;
use actix_web::http::header::{self, ETag, EntityTag};

const STYLESHEET: &str = include_str!("../../templates/site.css");
const ICON: &str = include_str!("../../templates/icon.svg");

/// What every page says about the programme.
#[derive(Debug, Clone)]
pub struct Site {
    /// The name of the programme.
    pub name: String,
    /// Whom to ask for help; may be empty.
    pub contact: String,
}

pub(super) async fn stylesheet() -> HttpResponse {
    asset("text/css; charset=utf-8", STYLESHEET)
}

pub(super) async fn icon() -> HttpResponse {
    asset("image/svg+xml", ICON)
}

/// Pages name the version of an asset in its address, so that it may be kept for a year.
fn asset(kind: &str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header(ETag(EntityTag::new_weak(env!("CARGO_PKG_VERSION").into())))
        .body(body)
}

/// A short mark of the present stylesheet, for its address.
pub(super) fn stylesheet_mark() -> String {
    use sha2::{Digest, Sha256};
    static MARK: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| Sha256::digest(STYLESHEET)[..4].iter().map(|byte| format!("{byte:02x}")).collect());
    MARK.clone()
}
