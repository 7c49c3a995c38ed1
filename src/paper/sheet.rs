//! A sheet of A4 that is drawn on, and becomes a document of one page.

use pdf_writer::{Content, Finish, Pdf, Rect, Ref, Str, TextStr};
use qrcodegen::{QrCode, QrCodeEcc};

use super::PaperError;
use super::fonts::{Font, FontBook};
use super::text::{Line, wrap};

/// Width and height of A4, in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;

/// Red, green and blue, 0 to 1.
pub(super) type Colour = (f32, f32, f32);

/// A sheet.
pub(super) struct Sheet {
    content: Content,
    fonts: FontBook,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self { content: Content::new(), fonts: FontBook::default() }
    }

    /// Draws an empty rectangle.
    pub(super) fn frame(&mut self, margin: f32, line: f32, (r, g, b): Colour) {
        self.content.save_state().set_stroke_rgb(r, g, b).set_line_width(line);
        self.content.rect(margin, margin, WIDTH - 2.0 * margin, HEIGHT - 2.0 * margin).stroke().restore_state();
    }

    /// Draws a horizontal line.
    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32, (r, g, b): Colour) {
        self.content.save_state().set_fill_rgb(r, g, b).rect(x, y, width, 0.6).fill_nonzero().restore_state();
    }

    /// Draws a line of text from a point on its base line.
    ///
    /// # Errors
    /// When a font cannot be read.
    pub(super) fn line(&mut self, line: &Line, size: f32, x: f32, y: f32, (r, g, b): Colour) -> Result<(), PaperError> {
        self.content.save_state().set_fill_rgb(r, g, b).begin_text();
        let mut font = None;
        for glyph in &line.glyphs {
            let number = self.fonts.glyph(glyph.font, glyph.glyph, &glyph.text)?;
            if font.replace(glyph.font) != Some(glyph.font) {
                self.content.set_font(glyph.font.key(), size);
            }
            self.content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x + glyph.x * size, y + glyph.y * size]);
            self.content.show(Str(&number.to_be_bytes()));
        }
        self.content.end_text().restore_state();
        Ok(())
    }

    /// Draws text in the middle of the sheet, in lines at most so wide; says how far it reaches down.
    ///
    /// # Errors
    /// When a font cannot be read.
    pub(super) fn centred(&mut self, set: &Set, width: f32, y: f32, text: &str) -> Result<f32, PaperError> {
        let lines = wrap(set.font, text, width / set.size)?;
        let mut y = y;
        for line in &lines {
            self.line(line, set.size, (WIDTH - line.width * set.size) / 2.0, y, set.colour)?;
            y -= set.size * set.leading;
        }
        Ok(y)
    }

    /// Draws text from a left edge on, in lines at most so wide; says how far it reaches down.
    ///
    /// # Errors
    /// When a font cannot be read.
    pub(super) fn left(&mut self, set: &Set, x: f32, width: f32, y: f32, text: &str) -> Result<f32, PaperError> {
        let mut y = y;
        for line in &wrap(set.font, text, width / set.size)? {
            self.line(line, set.size, x, y, set.colour)?;
            y -= set.size * set.leading;
        }
        Ok(y)
    }

    /// Draws a QR code of a text as a square with this lower left corner; nothing when the text is too long
    /// for one.
    pub(super) fn qr(&mut self, text: &str, x: f32, y: f32, side: f32) {
        let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return };
        let dot = side / code.size() as f32;
        self.content.save_state().set_fill_rgb(0.0, 0.0, 0.0);
        for row in 0..code.size() {
            let top = y + side - (row + 1) as f32 * dot;
            let mut column = 0;
            while column < code.size() {
                let start = column;
                while column < code.size() && code.get_module(column, row) {
                    column += 1;
                }
                if column > start {
                    self.content.rect(x + start as f32 * dot, top, (column - start) as f32 * dot, dot);
                }
                column += 1;
            }
        }
        self.content.fill_nonzero().restore_state();
    }

    /// The document.
    ///
    /// # Errors
    /// When a font cannot be used.
    pub(super) fn finish(self, title: &str, language: &str) -> Result<Vec<u8>, PaperError> {
        let mut next = Ref::new(1);
        let [catalog, pages, page, content, info] = std::array::from_fn(|_| next.bump());
        let fonts: Vec<(Font, Ref)> = self.fonts.fonts().map(|font| (font, next.bump())).collect();
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(pages).lang(TextStr(language));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("coachnet"));
        pdf.pages(pages).kids([page]).count(1);
        let mut sheet = pdf.page(page);
        sheet.parent(pages).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        let mut resources = sheet.resources();
        let mut named = resources.fonts();
        for (font, id) in &fonts {
            named.pair(font.key(), *id);
        }
        named.finish();
        resources.finish();
        sheet.finish();
        pdf.stream(content, &self.content.finish());
        for (font, id) in fonts {
            self.fonts.write(&mut pdf, font, id, &mut next)?;
        }
        Ok(pdf.finish())
    }
}

/// How text is set.
pub(super) struct Set {
    pub(super) font: Font,
    /// In points.
    pub(super) size: f32,
    /// From one base line to the next, in sizes.
    pub(super) leading: f32,
    pub(super) colour: Colour,
}
