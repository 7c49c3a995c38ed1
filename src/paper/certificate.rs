//! The completion certificate: one page, Indonesian with English beneath.

use chrono::NaiveDate;

use super::PaperError;
use super::fonts::Font;
use super::sheet::{Colour, HEIGHT, Set, Sheet, WIDTH};
use super::text::wrap;
use crate::domain::one_line;
use crate::i18n::Lang;

/// What stands on a certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What the programme calls itself.
    pub programme: String,
    /// The number.
    pub number: String,
    /// The name, with titles, as it stood on the day of issue.
    pub name: String,
    /// Sessions that were held.
    pub sessions: u16,
    /// Learning hours (JP) that they count for.
    pub jp: u16,
    /// The days of the first and the last session.
    pub days: (NaiveDate, NaiveDate),
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The code of the public page, in groups.
    pub code: String,
    /// The address of the public page of this certificate, without a code at its end and with one.
    pub check: (String, String),
}

const INK: Colour = (0.10, 0.12, 0.15);
const PALE: Colour = (0.36, 0.39, 0.43);
const ACCENT: Colour = (0.02, 0.33, 0.42);

/// Space for text, in points.
const TEXT_WIDTH: f32 = WIDTH - 2.0 * 72.0;
/// Sizes of the name, the largest first, and at most how many lines it may have in each.
const NAME_SIZES: [(f32, usize); 5] = [(28.0, 1), (24.0, 2), (19.0, 3), (15.0, 4), (12.0, 12)];
/// Side of the QR code, in points: 35 millimetres.
const QR_SIDE: f32 = 99.0;

/// Prints a certificate: a PDF of one page.
///
/// # Errors
/// When a font that the program carries cannot be used.
pub fn certificate(facts: &Certificate) -> Result<Vec<u8>, PaperError> {
    let mut sheet = Sheet::new();
    sheet.frame(28.0, 2.0, ACCENT);
    sheet.frame(34.0, 0.6, ACCENT);
    let (id, en) = (Lang::Id, Lang::En);
    let programme = one_line(&facts.programme);

    let mut y = sheet.centred(&set(Font::Bold, 13.0, ACCENT), TEXT_WIDTH, HEIGHT - 104.0, &programme)?;
    y = sheet.centred(&set(Font::Bold, 27.0, INK), TEXT_WIDTH, y - 44.0, &id.tr("credit.paper.title"))?;
    y = sheet.centred(&set(Font::Regular, 13.0, PALE), TEXT_WIDTH, y + 10.0, &en.tr("credit.paper.title"))?;
    let number = id.fill("credit.paper.number", &[("number", &facts.number)]);
    y = sheet.centred(&set(Font::Regular, 11.0, INK), TEXT_WIDTH, y - 12.0, &number)?;

    y = both(&mut sheet, y - 34.0, "credit.paper.given", &[], 12.0)?;
    y = name(&mut sheet, y - 26.0, &one_line(&facts.name))?;
    let days = |lang: Lang| (lang.date(facts.days.0), lang.date(facts.days.1));
    let sessions = facts.sessions.to_string();
    let key = if facts.days.0 == facts.days.1 { "credit.paper.done_in_a_day" } else { "credit.paper.done" };
    let done = |lang: Lang| {
        let (first, last) = days(lang);
        let values = [("sessions", sessions.as_str()), ("first", &first), ("last", &last)];
        lang.fill(key, &values)
    };
    y = two(&mut sheet, y - 18.0, (&done(id), &done(en)), 12.0)?;

    let jp = facts.jp.to_string();
    y = sheet.centred(
        &set(Font::Bold, 17.0, ACCENT),
        TEXT_WIDTH,
        y - 20.0,
        &id.fill("credit.paper.jp", &[("jp", &jp)]),
    )?;
    y = sheet.centred(
        &set(Font::Regular, 10.0, PALE),
        TEXT_WIDTH,
        y + 6.0,
        &en.fill("credit.paper.jp", &[("jp", &jp)]),
    )?;
    let issued = |lang: Lang| lang.fill("credit.paper.issued", &[("day", &lang.date(facts.issued_on))]);
    two(&mut sheet, y - 16.0, (&issued(id), &issued(en)), 11.0)?;

    foot(&mut sheet, facts)?;
    let title = format!("{} {}", id.tr("credit.paper.title"), facts.number);
    sheet.finish(&title, id.code())
}

/// The QR code, and beside it how to check the certificate.
fn foot(sheet: &mut Sheet, facts: &Certificate) -> Result<(), PaperError> {
    let (x, bottom) = (72.0, 72.0);
    sheet.rule(x, bottom + QR_SIDE + 16.0, TEXT_WIDTH, ACCENT);
    sheet.qr(&facts.check.1, x, bottom, QR_SIDE);
    let (x, width) = (x + QR_SIDE + 20.0, TEXT_WIDTH - QR_SIDE - 20.0);
    let (id, en) = (Lang::Id, Lang::En);
    let mut y = bottom + QR_SIDE - 10.0;
    y = sheet.left(&set(Font::Regular, 10.0, INK), x, width, y, &id.tr("credit.paper.check"))?;
    y = sheet.left(&set(Font::Regular, 8.5, PALE), x, width, y + 1.0, &en.tr("credit.paper.check"))?;
    y = sheet.left(&set(Font::Regular, 10.0, INK), x, width, y - 5.0, &facts.check.0)?;
    sheet.left(&set(Font::Bold, 13.0, INK), x, width, y - 5.0, &facts.code)?;
    Ok(())
}

/// The name, as large as there is room for it.
fn name(sheet: &mut Sheet, y: f32, name: &str) -> Result<f32, PaperError> {
    let mut size = NAME_SIZES[NAME_SIZES.len() - 1].0;
    for (candidate, most) in NAME_SIZES {
        if wrap(Font::Bold, name, TEXT_WIDTH / candidate)?.len() <= most {
            size = candidate;
            break;
        }
    }
    sheet.centred(&set(Font::Bold, size, INK), TEXT_WIDTH, y, name)
}

/// The text of a key in both languages.
fn both(sheet: &mut Sheet, y: f32, key: &str, values: &[(&str, &str)], size: f32) -> Result<f32, PaperError> {
    two(sheet, y, (&Lang::Id.fill(key, values), &Lang::En.fill(key, values)), size)
}

/// A text in Indonesian, and in English beneath.
fn two(sheet: &mut Sheet, y: f32, (id, en): (&str, &str), size: f32) -> Result<f32, PaperError> {
    let y = sheet.centred(&set(Font::Regular, size, INK), TEXT_WIDTH, y, id)?;
    sheet.centred(&set(Font::Regular, size - 2.0, PALE), TEXT_WIDTH, y + 2.0, en)
}

fn set(font: Font, size: f32, colour: Colour) -> Set {
    Set { font, size, leading: 1.4, colour }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str) -> Certificate {
        let day = |text: &str| text.parse().unwrap();
        Certificate {
            programme: "National Coach Network".into(),
            number: "NCN-2026-482-173-056".into(),
            name: name.into(),
            sessions: 6,
            jp: 12,
            days: (day("2026-09-01"), day("2026-11-24")),
            issued_on: day("2026-11-29"),
            code: "K7QF-2MXA-9CDE-5RTY-WXZ3".into(),
            check: (
                "https://coach.contoh.go.id/certificates".into(),
                "https://coach.contoh.go.id/certificates/K7".into(),
            ),
        }
    }

    #[test]
    fn the_same_certificate_is_the_same_bytes() {
        let (one, other) = (certificate(&facts("Budi")).unwrap(), certificate(&facts("Budi")).unwrap());
        assert!(one == other && one.starts_with(b"%PDF-") && one.ends_with(b"%%EOF"));
        assert!(one.len() < 120_000, "{}", one.len());
        assert_ne!(one, certificate(&facts("Ani")).unwrap());
    }

    #[test]
    fn no_name_stops_the_press() {
        let names =
            ["\"><script>", "Ü, Dr.\r\nBcc: x@y", "محمد علي", "\u{202E}ida", "", "(\\) %% endstream", "漢字 😀"];
        for name in names.into_iter().map(str::to_owned).chain(["W".repeat(250), "Siti ".repeat(50)]) {
            let pdf = certificate(&facts(&name)).unwrap();
            assert!(pdf.ends_with(b"%%EOF"), "{name:?}");
            let text = String::from_utf8_lossy(&pdf);
            assert!(!text.contains("<script") && !text.contains("Bcc:") && !text.contains("(\\) %%"), "{name:?}");
        }
    }
}
