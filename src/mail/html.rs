//! A letter as HTML: one column, no images, nothing fetched from anywhere.

use askama::Template;

use super::words::Wording;

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Page<'a> {
    wording: &'a Wording,
}

/// The letter as HTML, every value escaped.
///
/// # Errors
/// Those of the template.
pub(super) fn html(wording: &Wording) -> Result<String, askama::Error> {
    Page { wording }.render()
}
